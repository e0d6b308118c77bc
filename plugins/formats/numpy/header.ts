import type { ByteReader } from "../byte_reader.ts";

/** First bytes of every `.npy` file. */
const MAGIC = [0x93, ...new TextEncoder().encode("NUMPY")];

/** NumPy pads headers so that the data begin at a multiple of this many bytes. */
const ALIGNMENT = 64;

/** Longest header, in bytes; NumPy's own limit. */
const MAX_LENGTH = 10_000;

/** NumPy's limit. */
const MAX_DIMENSIONS = 64;

/** Fields of a header. */
export interface NpyHeader {
  /** Byte order and type, such as `<f4`; `|O` for Python objects. */
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/**
 * Reads the header of a `.npy` file, version 1 to 3; `numpy/lib/format.py`.
 *
 * @param reader positioned at the file's start; afterwards at its data
 * @returns its fields
 * @throws {Error} as created by `reader.broken`
 */
export function readNpyHeader(reader: ByteReader): NpyHeader {
  const { broken } = reader;
  if (reader.remaining < 10 || !MAGIC.every((byte) => reader.u8() === byte)) {
    throw broken("it does not begin as a .npy file");
  }
  const major = reader.u8();
  reader.skip(1);
  if (major < 1 || major > 3) throw broken(`it is of version ${major}, valid are 1, 2 and 3`);
  const length = major === 1 ? reader.u16() : reader.u32();
  if (length > MAX_LENGTH) throw broken(`its header claims ${length} bytes, at most ${MAX_LENGTH}`);
  const text = new TextDecoder().decode(reader.bytes(length)).trim();
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  // Python 2 wrote long integers as (3L, 4L).
  const sizes = /'shape':\s*\(((?:\d+L?\s*,\s*)*(?:\d+L?)?)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || sizes === undefined) {
    throw broken(`its header gives no plain type, order and shape: ${text.slice(0, 80)}`);
  }
  const shape = sizes.split(",").map((size) => size.trim()).filter((size) => size !== "")
    .map((size) => Number(size.replace("L", "")));
  if (shape.length > MAX_DIMENSIONS) throw broken(`it has ${shape.length} dimensions`);
  return { descr, fortran: fortran === "True", shape };
}

/**
 * Writes a header of version 1.
 *
 * @param header its fields
 * @returns all bytes before the data
 */
export function writeNpyHeader({ descr, fortran, shape }: NpyHeader): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const order = fortran ? "True" : "False";
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const start = MAGIC.length + 4;
  const end = Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(end).fill(0x20);
  bytes.set([...MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(start - 2, end - start, true);
  bytes.set(new TextEncoder().encode(text), start);
  bytes[end - 1] = 0x0a;
  return bytes;
}
