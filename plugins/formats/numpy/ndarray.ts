/** Elements of an array, little-endian, row-major. */
export type NumpyData =
  | Float16Array
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** Supported NumPy type codes, without byte order; `b1` is bool, one byte per element. */
export type NumpyType =
  | "f2"
  | "f4"
  | "f8"
  | "i1"
  | "i2"
  | "i4"
  | "i8"
  | "u1"
  | "u2"
  | "u4"
  | "u8"
  | "b1";

/** A NumPy array. */
export interface NdArray {
  /** Type of its elements. */
  readonly type: NumpyType;
  /** Sizes of its dimensions. */
  readonly shape: readonly number[];
  /** Its elements, row-major. */
  readonly data: NumpyData;
}

/** By type code, creates a typed array as a view of a buffer. */
const VIEWS: Readonly<Record<NumpyType, (buffer: ArrayBuffer) => NumpyData>> = {
  f2: (buffer) => new Float16Array(buffer),
  f4: (buffer) => new Float32Array(buffer),
  f8: (buffer) => new Float64Array(buffer),
  i1: (buffer) => new Int8Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  i8: (buffer) => new BigInt64Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
  u2: (buffer) => new Uint16Array(buffer),
  u4: (buffer) => new Uint32Array(buffer),
  u8: (buffer) => new BigUint64Array(buffer),
  b1: (buffer) => new Uint8Array(buffer),
};

/** Memory layout of an array. */
export interface Layout {
  readonly type: NumpyType;
  readonly shape: readonly number[];
  readonly bigEndian: boolean;
  /** True for column-major order. */
  readonly fortran: boolean;
}

/**
 * Tells whether a type code is supported.
 *
 * @param text any
 * @returns true for a supported type code
 */
export function isNumpyType(text: string): text is NumpyType {
  return Object.hasOwn(VIEWS, text);
}

/**
 * Returns the size of an array in bytes.
 *
 * @param layout type and shape
 * @returns number of elements times bytes per element
 */
export function byteLength({ type, shape }: Pick<Layout, "type" | "shape">): number {
  return shape.reduce((product, size) => product * size, Number(type[1]));
}

/**
 * Copies an array out of a file, converted to row-major order and little-endian.
 *
 * @param bytes {@linkcode byteLength} of them
 * @param layout the array's memory layout
 * @returns little-endian, row-major
 */
export function decodeArray(bytes: Uint8Array, layout: Layout): NdArray {
  const { type, shape, bigEndian, fortran } = layout;
  const width = Number(type[1]);
  const ordered = new Uint8Array(fortran ? toRowMajor(bytes, shape, width) : bytes);
  if (bigEndian) {
    for (let i = 0; i < ordered.length; i += width) ordered.subarray(i, i + width).reverse();
  }
  return { type, shape, data: VIEWS[type](ordered.buffer) };
}

function toRowMajor(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const index = shape.map(() => 0);
  const steps = shape.map((_, d) =>
    shape.slice(0, d).reduce((product, size) => product * size, width)
  );
  for (let to = 0, from = 0; to < out.length; to += width) {
    for (let b = 0; b < width; b++) out[to + b] = bytes[from + b]!;
    for (let d = shape.length - 1; d >= 0; d--) {
      from += steps[d]!;
      if (++index[d]! < shape[d]!) break;
      from -= index[d]! * steps[d]!;
      index[d] = 0;
    }
  }
  return out;
}
