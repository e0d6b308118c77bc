import { decodeElements } from "./elements.ts";
import { userError } from "../../core/errors.ts";
import type { Safetensors } from "./safetensors/decode.ts";
import { type Header, headerLength, parseHeader, PREFIX } from "./safetensors/header.ts";
import type { DType, StateArray, StateDict } from "../../core/contracts/state_dict.ts";
import { checkStored, readError } from "./stored_files.ts";

export { decodeSafetensors, type Safetensors } from "./safetensors/decode.ts";

/**
 * Reads a safetensors file tensor by tensor: each has its own buffer and can be freed separately.
 *
 * @param path the file
 * @returns its tensors and metadata
 * @throws {Deno.errors.NotFound} where there is no such file
 * @throws {Error} where it is in the folder of a finished stage and differs from what that stage wrote
 * @throws {SyntaxError} where it is not a valid safetensors file
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  using file = await open(path);
  await checkStored(file, path);
  const { entries, metadata } = await readHeader(file, path);
  const dataStart = await file.seek(0, Deno.SeekMode.Current);
  const tensors = new Map<string, StateArray>();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (!dtype) continue;
    await file.seek(dataStart + begin, Deno.SeekMode.Start);
    const data = decodeElements(await readExactly(file, end - begin), dtype);
    tensors.set(name, { dtype, shape, data });
  }
  return { tensors, metadata };
}

/**
 * Reads a safetensors file's header alone, with all its checks.
 *
 * @param path the file
 * @returns its tensors' names, types and shapes, and its metadata
 * @throws {Deno.errors.NotFound} where there is no such file
 * @throws {SyntaxError} where it is not a valid safetensors file
 */
export async function readSafetensorsHeader(path: string): Promise<Header> {
  using file = await open(path);
  return await readHeader(file, path);
}

/**
 * Encodes a state dict as a safetensors file. The same input gives the same bytes: the header keeps the map's order, the data
 * follow by element size, largest first, so that every array is aligned. Arrays that reading converted to float32 are written
 * as F32.
 *
 * @param tensors name → array
 * @param metadata the header's `__metadata__`
 * @returns the whole file
 * @throws {RangeError} where an array's length does not fit its shape, or a tensor is named `__metadata__`
 */
export function encodeSafetensors(
  tensors: StateDict,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const layout = [...tensors].map(([name, array]) => ({ name, array, begin: 0 }));
  let length = 0;
  for (const item of layout.toSorted((a, b) => width(b.array) - width(a.array))) {
    checkLength(item.name, item.array);
    item.begin = length;
    length += item.array.data.byteLength;
  }
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push(["__metadata__", metadata]);
  for (const { name, array, begin } of layout) {
    if (name === "__metadata__") {
      throw new RangeError("Cannot encode a tensor named __metadata__: the name is reserved");
    }
    header.push([name, {
      dtype: storedAs(array),
      shape: array.shape,
      data_offsets: [begin, begin + array.data.byteLength],
    }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const dataStart = Math.ceil((PREFIX + text.length) / 8) * 8;
  const bytes = new Uint8Array(dataStart + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - PREFIX), true);
  bytes.fill(0x20, PREFIX + text.length, dataStart);
  bytes.set(text, PREFIX);
  for (const { array: { data }, begin } of layout) {
    bytes.set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      dataStart + begin,
    );
  }
  return bytes;
}

/** The safetensors type of an array. */
function storedAs(array: StateArray): DType {
  if (array.data instanceof Float32Array) return "F32";
  if (array.data instanceof Int32Array) return "I32";
  return array.data instanceof BigInt64Array ? "I64" : "U8";
}

function width(array: StateArray): number {
  return array.data.BYTES_PER_ELEMENT;
}

function checkLength(name: string, array: StateArray): void {
  const wanted = array.shape.reduce((product, size) => product * size, 1);
  if (wanted !== array.data.length) {
    throw new RangeError(
      `Cannot encode tensor "${name}": shape [${array.shape}] needs ${wanted} elements, it has ${array.data.length}`,
    );
  }
}

async function open(path: string): Promise<Deno.FsFile> {
  return await Deno.open(path).catch(async (error) => {
    throw await readError("read", path, error);
  });
}

/** Reads up to the first byte of the data. */
async function readHeader(file: Deno.FsFile, path: string): Promise<Header> {
  const { size, isFile } = await file.stat();
  if (!isFile) throw userError(new Error(`Cannot read ${path}: it is no file`));
  const length = headerLength(await readExactly(file, Math.min(PREFIX, size)), size, path);
  return parseHeader(await readExactly(file, length), size - PREFIX - length, path);
}

/** Reads the next `length` bytes; one `read` may give fewer. */
async function readExactly(file: Deno.FsFile, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = await file.read(bytes.subarray(done));
    if (count === null) throw new Deno.errors.UnexpectedEof("the file shrank while it was read");
    done += count;
  }
  return bytes;
}
