import { byteBudget } from "../byte_budget.ts";
import { ByteReader } from "../byte_reader.ts";
import { bytesSource } from "../byte_source.ts";
import { userError } from "../../../core/errors.ts";
import { type NpyHeader, readNpyHeader, writeNpyHeader } from "./header.ts";
import { byteLength, decodeArray, isNumpyType, type NdArray } from "./ndarray.ts";
import { arrayOf, numpyGlobals, pickleArray, PickledArray, pickleObjectArray } from "./pickled.ts";
import { PickledScalar } from "./pickled_scalar.ts";
import { unpickle } from "../pickle/pickle.ts";
import { describeValue } from "../pickle/describe.ts";
import { latin1 } from "../pickle/values.ts";
import { joinBytes } from "../join_bytes.ts";
import { dict, int, list, pickle, text } from "../pickle/write.ts";
import { show } from "../../../core/registry/option_errors.ts";

export type { NdArray, NumpyData, NumpyType } from "./ndarray.ts";

/** A key of a dict of arrays: an image's name, a class. */
export type NpyKey = string | number;

/** NumPy's type code of an array of Python objects. */
const OBJECT = "|O";

/**
 * Decodes a `.npy` file of numbers, version 1 to 3, any byte order, row- or column-major.
 *
 * @param bytes the file
 * @param from its name, for messages
 * @returns the array, row-major, copied
 * @throws {SyntaxError} naming the file where it is damaged or contains anything else
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeNpy, encodeNpy } from "./npy.ts";
 * const array = { type: "f4", shape: [2, 1], data: Float32Array.of(1, -2) } as const;
 * assertEquals(decodeNpy(encodeNpy(array), "array.npy"), array);
 * ```
 */
export function decodeNpy(bytes: Uint8Array, from: string): NdArray {
  const { reader, header } = open(bytes, from);
  const { descr, shape, fortran } = header;
  const type = descr.slice(1);
  if (!"<>|=".includes(descr.charAt(0)) || !isNumpyType(type)) {
    const objects = descr === OBJECT ? " (Python objects)" : "";
    throw reader.broken(`its elements are ${descr}${objects}, expected numbers`);
  }
  const layout = { type, shape, fortran, bigEndian: descr.startsWith(">") };
  const length = byteLength(layout);
  if (length !== reader.remaining) {
    throw reader.broken(
      `an array of shape [${shape}] and type ${descr} has ${length} bytes, it has ${reader.remaining}`,
    );
  }
  return decodeArray(reader.bytes(length), layout);
}

/**
 * Decodes a `.npy` file in which `numpy.save` stored a dict of arrays. Keys may be of Python's or NumPy's types, and so may
 * numbers in place of arrays (of shape []) and Python's lists of numbers, and tensors of PyTorch. Nothing in it is executed.
 *
 * @param bytes the file
 * @param from its name, for messages
 * @returns key → array, in file order, copied
 * @throws {SyntaxError} naming the file where it is damaged, or contains anything but a dict from strings or integers to arrays
 *   of numbers
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeNpyDict, encodeNpyDict } from "./npy.ts";
 * const cat = { type: "f4", shape: [1, 2], data: Float32Array.of(0, 1) } as const;
 * assertEquals(decodeNpyDict(encodeNpyDict(new Map([[7, cat]])), "cams.npy"), new Map([[7, cat]]));
 * ```
 */
export function decodeNpyDict(bytes: Uint8Array, from: string): ReadonlyMap<NpyKey, NdArray> {
  const { keys, read } = openNpyDict(bytes, from);
  return new Map(keys.map((key) => [key, read(key)]));
}

/** A dict of arrays whose arrays are not decoded yet. */
export interface NpyDict {
  /** In file order. */
  readonly keys: readonly NpyKey[];
  /** Decodes one array. @returns row-major, copied. Throws a SyntaxError where it is not an array of numbers. */
  read(key: NpyKey): NdArray;
}

/**
 * Opens a `.npy` file as {@linkcode decodeNpyDict} does, but decodes only the requested arrays; other entries may be anything.
 *
 * @param bytes the file
 * @param from its name, for messages
 * @returns its keys and arrays
 * @throws {SyntaxError} naming the file where it is damaged, or contains anything but a dict with strings or integers as keys
 */
export function openNpyDict(bytes: Uint8Array, from: string): NpyDict {
  const { reader, header } = open(bytes, from);
  const { broken } = reader;
  if (header.descr !== OBJECT || header.shape.length > 0) {
    throw broken(`it holds ${header.descr} of shape [${header.shape}], expected a dict of arrays`);
  }
  const root = unpickle(reader, { globals: numpyGlobals() });
  const table = root instanceof PickledArray ? root.object : undefined;
  if (!(table instanceof Map)) throw broken("it holds an object that is no dict");
  const values = new Map<NpyKey, unknown>();
  for (const [given, value] of table) {
    const key = keyOf(given);
    if (key === undefined) {
      const found = given instanceof PickledScalar ? given.value ?? given : given;
      throw broken(
        `a key of its dict is ${describeValue(found)}, expected text or a whole number below 2⁵³`,
      );
    }
    if (values.has(key)) throw broken(`two keys of its dict are ${show(key)}`);
    values.set(key, value);
  }
  const spend = byteBudget(bytes.length, broken);
  return {
    keys: [...values.keys()],
    read: (key) => arrayOf(values.get(key), `entry ${show(key)}`, broken, spend),
  };
}

/**
 * Encodes an array as `numpy.save` does.
 *
 * @param array any
 * @returns the file, version 1
 * @throws {RangeError} where its length does not fit its shape
 */
export function encodeNpy(array: NdArray): Uint8Array<ArrayBuffer> {
  const { type, shape, data } = checked(array);
  const header = writeNpyHeader({
    descr: `${type[1] === "1" ? "|" : "<"}${type}`,
    fortran: false,
    shape,
  });
  return joinBytes([header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

/**
 * Encodes a dict of arrays as `numpy.save` does; `numpy.load(path, allow_pickle=True).item()` returns it in the same order.
 *
 * @param arrays 32-bit integers or strings → arrays
 * @returns the file, version 1, pickle protocol 3
 * @throws {RangeError} where an array's length does not fit its shape, or a number is not an integer
 */
export function encodeNpyDict(arrays: ReadonlyMap<NpyKey, NdArray>): Uint8Array<ArrayBuffer> {
  const entries = [...arrays].map(([key, array]) =>
    [typeof key === "number" ? int(key) : text(key), pickleArray(checked(array))] as const
  );
  const header = writeNpyHeader({ descr: OBJECT, fortran: false, shape: [] });
  return joinBytes([header, ...pickle(pickleObjectArray(list(dict(entries))))]);
}

/** A string or number of Python's or NumPy's types; bytes are decoded as Latin-1. */
function keyOf(key: unknown): NpyKey | undefined {
  const plain = key instanceof PickledScalar ? key.value : key;
  if (plain instanceof Uint8Array) return latin1(plain);
  if (typeof plain === "bigint" && Number.isSafeInteger(Number(plain))) return Number(plain);
  return typeof plain === "string" || typeof plain === "number" ? plain : undefined;
}

function open(bytes: Uint8Array, from: string): { reader: ByteReader; header: NpyHeader } {
  const broken = (problem: string) =>
    userError(new SyntaxError(`Cannot read ${from} as NumPy data: ${problem}`));
  const reader = new ByteReader(bytesSource(bytes, from), broken);
  return { reader, header: readNpyHeader(reader) };
}

function checked(array: NdArray): NdArray {
  if (byteLength(array) !== array.data.byteLength) {
    throw new RangeError(
      `Cannot encode an array of shape [${array.shape}] and type ${array.type}: it has ${array.data.byteLength} bytes`,
    );
  }
  return array;
}
