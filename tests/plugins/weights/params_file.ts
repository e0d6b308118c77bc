/**
 * Writes `.params` files as MXNet does: apache/mxnet, `src/ndarray/ndarray.cc`. The list is `NDArray::Save(dmlc::Stream*, data,
 * names)`; the record of version 2 is `NDArray::Save` since MXNet 1.0, version 1 (64-bit sizes) and the legacy record (32-bit sizes,
 * no magic) are what `LegacyTShapeLoad` and `NDArray::LegacyLoad` read. `dmlc::Stream::Write` puts a 64-bit length before vectors
 * and strings; `mxnet::TShape::Save` writes the number of dimensions in 32 bits; `Context::Save` device type and id.
 */

/** Which record. */
export type Version = "legacy" | 1 | 2 | 3;

/** An array to be written. */
export interface ParamsArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** mshadow's type flag. */
  readonly flag: number;
  readonly data: ArrayBufferView;
}

const MAGIC = { 1: 0xf993fac8, 2: 0xf993fac9, 3: 0xf993faca };

/** @returns little-endian */
export function u32(value: number): number[] {
  return [...new Uint8Array(new Uint32Array([value]).buffer)];
}

/** @returns little-endian */
export function u64(value: number): number[] {
  return [...new Uint8Array(new BigUint64Array([BigInt(value)]).buffer)];
}

/** @returns a record */
export function record({ shape, flag, data }: ParamsArray, version: Version): number[] {
  const sizes = version === "legacy"
    ? [...u32(shape.length), ...shape.flatMap(u32)]
    : [...u32(shape.length), ...shape.flatMap(u64)];
  return [
    ...version === "legacy" ? [] : u32(MAGIC[version]),
    ...version === 2 || version === 3 ? u32(0) : [],
    ...sizes,
    ...u32(1), // cpu
    ...u32(0),
    ...u32(flag),
    ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ];
}

/** @returns a file */
export function paramsFile(arrays: readonly ParamsArray[], version: Version): Uint8Array {
  return Uint8Array.from([
    ...u64(0x112),
    ...u64(0),
    ...u64(arrays.length),
    ...arrays.flatMap((array) => record(array, version)),
    ...u64(arrays.length),
    ...arrays.flatMap(({ name }) => {
      const text = new TextEncoder().encode(name);
      return [...u64(text.length), ...text];
    }),
  ]);
}
