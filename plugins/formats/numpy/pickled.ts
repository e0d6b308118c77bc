import type { Broken } from "../byte_reader.ts";
import { PickledObject } from "../pickle/pickle.ts";
import { describeValue } from "../pickle/describe.ts";
import { isSequence } from "../pickle/values.ts";
import {
  bool,
  build,
  bytes,
  call,
  int,
  named,
  none,
  type Pickled,
  text,
  tuple,
} from "../pickle/write.ts";
import { show } from "../../../core/registry/option_errors.ts";
import { byteLength, decodeArray, isNumpyType, type Layout, type NdArray } from "./ndarray.ts";
import { latin1Bytes, PickledScalar } from "./pickled_scalar.ts";
import { PickledTensor, tensorGlobals } from "./pickled_tensor.ts";
import { PickledType } from "./pickled_type.ts";

/** Modules of NumPy's functions that rebuild arrays and scalars: before version 2, and since. */
const MODULES = ["numpy.core.multiarray", "numpy._core.multiarray"];

/** `numpy.ndarray` in a pickle. */
export class PickledArray extends PickledObject {
  #state: readonly unknown[] = [];

  /** @param state `(version, shape, dtype, is Fortran, data)`; data are bytes, or a list of objects */
  setState(state: unknown): void {
    // A copy: the pickle may change a list after it has been checked.
    if (isSequence(state)) this.#state = [...state];
  }

  /** The object, where the array has shape () and contains one Python object. */
  get object(): unknown {
    const [, shape, type, , items] = this.#state;
    const single = isSequence(shape) && shape.length === 0 && type instanceof PickledType &&
      type.code === "O8" && isSequence(items) && items.length === 1;
    return single ? items[0] : undefined;
  }

  /** Layout and bytes of its numbers, or what is wrong with them. */
  get numbers(): { readonly layout: Layout; readonly bytes: Uint8Array } | string {
    const [, shape, type, fortran, data] = this.#state;
    if (!(type instanceof PickledType) || !isShape(shape)) return "is no array of numbers";
    const { code, bigEndian } = type;
    if (typeof code !== "string" || !isNumpyType(code)) {
      return `has elements that are not read, ${
        typeof code === "string" ? show(code) : describeValue(code)
      }`;
    }
    // Python 2 pickles bytes as strings.
    const bytes = typeof data === "string" ? latin1Bytes(data) : data;
    const layout = {
      type: code,
      shape: [...shape],
      bigEndian,
      fortran: fortran === true,
    };
    if (!(bytes instanceof Uint8Array) || bytes.length !== byteLength(layout)) {
      return `of shape [${shape}] and type ${code} lacks bytes, or has too many`;
    }
    return { layout, bytes };
  }
}

/**
 * The global names that NumPy's pickles use for arrays and scalars, and PyTorch's for tensors; `array_reduce` and
 * `gentype_reduce` in `numpy/core/src/multiarray/`.
 *
 * @returns name → replacement
 */
export function numpyGlobals(): ReadonlyMap<string, unknown> {
  const array = () => new PickledArray();
  return new Map<string, unknown>([
    ...MODULES.flatMap((module): [string, unknown][] => [
      [`${module}._reconstruct`, array],
      [`${module}.scalar`, (type: unknown, data: unknown) => new PickledScalar(type, data)],
    ]),
    ...tensorGlobals(),
    ["numpy.ndarray", array],
    ["numpy.dtype", (code: unknown) => new PickledType(code)],
    // Protocol 2 of Python 3 writes bytes as a call of this.
    ["_codecs.encode", (text: unknown) => typeof text === "string" ? latin1Bytes(text) : null],
  ]);
}

/**
 * Converts an unpickled value into an array: an array of NumPy's, a tensor of PyTorch's, a number of NumPy's or Python's, a
 * list of Python's numbers.
 *
 * @param value any
 * @param what such as `entry 7`, for messages
 * @param broken creates the error where it is not an array of numbers
 * @param spend called with the number of bytes before they are copied
 * @returns the array, of shape [] for one number; Python's numbers are `f8`
 */
export function arrayOf(
  value: unknown,
  what: string,
  broken: Broken,
  spend: (bytes: number) => void,
): NdArray {
  const plain = isSequence(value) ? value : [value];
  if (plain.every((item) => typeof item === "number" || typeof item === "boolean")) {
    spend(8 * plain.length);
    const shape = isSequence(value) ? [value.length] : [];
    return { type: "f8", shape, data: Float64Array.from(plain, Number) };
  }
  if (value instanceof PickledTensor) {
    return value.toArray((problem) => broken(`${what}: ${problem}`), spend);
  }
  const scalar = value instanceof PickledScalar ? value : undefined;
  const found = value instanceof PickledArray ? value.numbers : scalar?.number ??
    `is ${
      describeValue(scalar?.value ?? value)
    } and no array or number; nothing in a file is executed`;
  if (typeof found === "string") throw broken(`${what} ${found}`);
  spend(found.bytes.length);
  return decodeArray(found.bytes, found.layout);
}

/**
 * Pickles an array as NumPy does.
 *
 * @param array any
 * @returns the object
 */
export function pickleArray({ type, shape, data }: NdArray): Pickled {
  const content = bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return ndarray(shape, dtype(type, type[1] === "1" ? "|" : "<", 0), content);
}

/**
 * Pickles an array of shape () that holds one Python object.
 *
 * @param object a list with that object
 * @returns the array
 */
export function pickleObjectArray(object: Pickled): Pickled {
  return ndarray([], dtype("O8", "|", 63), object);
}

function ndarray(shape: readonly number[], type: Pickled, data: Pickled): Pickled {
  const empty = call(
    named("numpy.core.multiarray", "_reconstruct"),
    named("numpy", "ndarray"),
    tuple(int(0)),
    bytes(Uint8Array.of(0x62)),
  );
  return build(empty, tuple(int(1), tuple(...shape.map(int)), type, bool(false), data));
}

/** @param flags 63 for objects, 0 for numbers; `numpy/core/include/numpy/ndarraytypes.h` */
function dtype(code: string, order: string, flags: number): Pickled {
  const made = call(named("numpy", "dtype"), text(code), bool(false), bool(true));
  const state = tuple(int(3), text(order), none(), none(), none(), int(-1), int(-1), int(flags));
  return build(made, state);
}

function isShape(value: unknown): value is readonly number[] {
  return isSequence(value) && value.length <= 64 &&
    value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}
