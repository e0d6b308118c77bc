import { Parser } from "pickleparser";
import { messageOf, mistake } from "../../../core/errors.ts";

/** What a pickle's `numpy.dtype` becomes. */
class DType {
  littleEndian = true;

  constructor(readonly code: string) {}

  /** @param state `(version, byte order, …)` */
  __setstate__(state: unknown): void {
    if (Array.isArray(state)) this.littleEndian = state[1] !== ">";
  }
}

/** What a pickle's `numpy.ndarray` becomes. */
class NdArray {
  shape: readonly unknown[] = [];
  dtype: unknown;
  data: unknown;

  /** @param state `(version, shape, dtype, is Fortran, data)`; data is bytes, or a list of objects */
  __setstate__(state: unknown): void {
    if (Array.isArray(state)) [, this.shape, this.dtype, , this.data] = state;
  }
}

/** By dtype code, how to read one element. */
const READERS: Readonly<
  Record<string, (view: DataView, at: number, littleEndian: boolean) => number>
> = {
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
};

/** Python 2's bytes, which its pickles hold as text. */
function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * What the names that a pickle may refer to stand for: stand-ins made for this file alone, which store what they are given and do
 * nothing else. Any other name is refused, so no file can reach anything.
 */
function standIn(module: string, name: string): (...args: readonly unknown[]) => unknown {
  switch (`${module}.${name}`) {
    case "numpy.core.multiarray._reconstruct":
    case "numpy._core.multiarray._reconstruct":
      return () => new NdArray();
    case "numpy.ndarray":
      return () => new NdArray();
    case "numpy.dtype":
      return (code) => new DType(String(code));
    case "_codecs.encode":
      return (text) => latin1(String(text));
    default:
      throw new SyntaxError(
        `it refers to ${module}.${name}, which a table of labels does not need`,
      );
  }
}

/** Where the pickle starts, after the header that says this is an array of one Python object. */
function bodyOf(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder();
  if (bytes[0] !== 0x93 || text.decode(bytes.subarray(1, 6)) !== "NUMPY") {
    throw new SyntaxError("it is no .npy file");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  const start = wide ? 12 : 10;
  if (bytes.length < start) throw new SyntaxError("its header is cut short");
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = text.decode(bytes.subarray(start, end));
  if (!/'descr':\s*'\|?O'/.test(header) || !/'shape':\s*\(\)/.test(header)) {
    throw new SyntaxError(`it holds ${header.trim()}, expected one pickled dict`);
  }
  return bytes.subarray(end);
}

function numbersOf(value: unknown, name: string): Float32Array {
  if (!(value instanceof NdArray && value.dtype instanceof DType)) {
    throw new SyntaxError(`the label of ${name} is no array`);
  }
  const { code, littleEndian } = value.dtype;
  const [length] = value.shape;
  const read = READERS[code];
  const bytes = value.data;
  const width = Number(code[1]);
  if (
    !read || value.shape.length !== 1 || !(bytes instanceof Uint8Array) ||
    bytes.length !== Number(length) * width
  ) {
    throw new SyntaxError(
      `the label of ${name} is ${code} of shape (${
        value.shape.join(", ")
      }), expected one row of numbers`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from(
    { length: Number(length) },
    (_, i) => read(view, i * width, littleEndian),
  );
}

/**
 * Reads image labels as the SEAM authors ship them (`cls_labels.npy`): a NumPy file of one pickled dict, image name → row of
 * numbers. The pickle is read as data; nothing in it is executed.
 *
 * @param bytes the file
 * @param from the file's path, for messages
 * @returns image name → numbers, in file order
 * @throws {SyntaxError} naming the file where it is of another form
 */
export function readNpyLabels(bytes: Uint8Array, from: string): ReadonlyMap<string, Float32Array> {
  try {
    const parser = new Parser({
      nameResolver: { resolve: standIn },
      unpicklingTypeOfDictionary: "Map",
    });
    const array: unknown = parser.parse(bodyOf(bytes));
    const table: unknown = array instanceof NdArray && Array.isArray(array.data)
      ? array.data[0]
      : undefined;
    if (!(table instanceof Map)) throw new SyntaxError("it holds no dict of labels");
    const labels = new Map<string, Float32Array>();
    for (const [name, value] of table) {
      if (typeof name !== "string") throw new SyntaxError(`the name ${String(name)} is no text`);
      labels.set(name, numbersOf(value, name));
    }
    return labels;
  } catch (error) {
    throw mistake(
      new SyntaxError(
        `Cannot read labels from ${from}: ${messageOf(error)}; ` +
          "expected what numpy.save() makes of a dict, image name to row of 0 and 1",
      ),
    );
  }
}
