import { messageOf, mistake } from "./errors.ts";
import { narrowF64, widenBF16, widenF16 } from "./half.ts";
import type { DType, StateArray, StateDict } from "./state_dict.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** Name → array, in the header's order. */
  readonly tensors: StateDict;
  /** The header's `__metadata__`; empty where there is none. */
  readonly metadata: Record<string, string>;
}

/** Bytes an element, by type. */
const BYTES: Readonly<Record<DType, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
  I32: 4,
  U8: 1,
};

/** Longest header that the reference implementation accepts, in bytes. */
const MAX_HEADER = 100_000_000;

/** One tensor as the header describes it, checked. */
interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Offsets in bytes from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file.
 *
 * @param path the file
 * @returns its tensors and metadata
 * @throws {Deno.errors.NotFound} where there is no such file
 * @throws {SyntaxError} where it is no valid safetensors file
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw mistake(new Deno.errors.NotFound(`Cannot read ${path}: there is no such file`));
    }
    throw mistake(new Error(`Cannot read ${path}: ${messageOf(error)}`, { cause: error }));
  }
  return decodeSafetensors(bytes, path);
}

/**
 * Decodes a safetensors file (huggingface/safetensors, format 1.0). Strict: every tensor's bytes lie inside the file, overlap no
 * other's and fit its shape.
 *
 * @param bytes the whole file; float32 and integer arrays are views into it where alignment allows
 * @param from the file's name, for messages
 * @returns its tensors and metadata
 * @throws {SyntaxError} naming the file and the tensor
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
 * const bias = { dtype: "F32" as const, shape: [2], data: new Float32Array([1, -2]) };
 * const bytes = encodeSafetensors(new Map([["bias", bias]]), { kind: "example" });
 * const { tensors, metadata } = decodeSafetensors(bytes, "example.safetensors");
 * assertEquals(tensors.get("bias"), bias);
 * assertEquals(metadata, { kind: "example" });
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array, from: string): Safetensors {
  const { header, dataStart } = parseHeader(bytes, from);
  const metadata = parseMetadata(header["__metadata__"], from);
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name !== "__metadata__") {
      entries.push(parseEntry(name, value, bytes.length - dataStart, from));
    }
  }
  refuseOverlap(entries, from);
  const tensors = new Map<string, StateArray>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const data = decodeElements(dtype, bytes.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { dtype, shape, data });
  }
  return { tensors, metadata };
}

/**
 * Encodes a state dict as a safetensors file. The same input gives the same bytes: the header keeps the map's order, the data
 * follow by element size, largest first, so that every array is aligned. What was widened to float32 on reading is written as F32.
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
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header["__metadata__"] = metadata;
  for (const { name, array, begin } of layout) {
    if (name === "__metadata__") {
      throw new RangeError("Cannot encode a tensor named __metadata__: the name is reserved");
    }
    header[name] = {
      dtype: storedAs(array),
      shape: array.shape,
      data_offsets: [begin, begin + array.data.byteLength],
    };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8 + text.length, 8 + headerLength);
  bytes.set(text, 8);
  for (const { array: { data }, begin } of layout) {
    bytes.set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      8 + headerLength + begin,
    );
  }
  return bytes;
}

/** The type that an array is written as. */
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

/** An error about a whole file. */
function broken(from: string, problem: string): SyntaxError {
  return mistake(new SyntaxError(`Cannot read ${from} as safetensors: ${problem}`));
}

function parseHeader(
  bytes: Uint8Array,
  from: string,
): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) {
    throw broken(from, `it has ${bytes.length} bytes, the header's length alone needs 8`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.length) {
    throw broken(
      from,
      `its header claims ${length} bytes, the file has ${bytes.length}; it is truncated or of another format`,
    );
  }
  let header: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length));
    header = JSON.parse(text);
  } catch (error) {
    throw broken(from, `its header is no JSON (${messageOf(error)})`);
  }
  if (!isRecord(header)) throw broken(from, "its header is no JSON object");
  return { header, dataStart: 8 + length };
}

function parseMetadata(value: unknown, from: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw broken(from, "__metadata__ is no JSON object");
  const metadata: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw broken(from, `__metadata__ "${key}" is no string`);
    metadata[key] = text;
  }
  return metadata;
}

function parseEntry(name: string, value: unknown, dataLength: number, from: string): Entry {
  const fail = (problem: string) => broken(from, `tensor "${name}" ${problem}`);
  if (!isRecord(value)) throw fail("is described by no JSON object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !isDType(dtype)) {
    const valid = Object.keys(BYTES).join(", ");
    throw fail(`has dtype ${JSON.stringify(dtype)}, valid are ${valid}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw fail(`has shape ${JSON.stringify(shape)}, it must list integers >= 0`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw fail(`has data_offsets ${JSON.stringify(offsets)}, it must hold two integers >= 0`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataLength) {
    throw fail(
      `lies at bytes ${begin} to ${end} of ${dataLength} data bytes; the file is truncated or broken`,
    );
  }
  const needed = shape.reduce((product, size) => product * size, BYTES[dtype]);
  if (needed !== end - begin) {
    throw fail(`of shape [${shape}] ${dtype} needs ${needed} bytes, it has ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

function refuseOverlap(entries: readonly Entry[], from: string): void {
  const inOrder = entries.filter((entry) => entry.end > entry.begin)
    .toSorted((a, b) => a.begin - b.begin);
  for (let i = 1; i < inOrder.length; i++) {
    const before = inOrder[i - 1]!, after = inOrder[i]!;
    if (after.begin < before.end) {
      throw broken(from, `tensors "${before.name}" and "${after.name}" overlap`);
    }
  }
}

/** Reads little-endian elements; every platform that Deno runs on is little-endian. */
function decodeElements(dtype: DType, bytes: Uint8Array): StateArray["data"] {
  switch (dtype) {
    case "F16":
      return widenF16(bytes);
    case "BF16":
      return widenBF16(bytes);
    case "F64":
      return narrowF64(bytes);
    case "U8":
      return bytes;
  }
  const { buffer, byteOffset } = bytes.byteOffset % BYTES[dtype] === 0 ? bytes : bytes.slice();
  const count = bytes.length / BYTES[dtype];
  if (dtype === "F32") return new Float32Array(buffer, byteOffset, count);
  if (dtype === "I32") return new Int32Array(buffer, byteOffset, count);
  return new BigInt64Array(buffer, byteOffset, count);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDType(text: string): text is DType {
  return Object.hasOwn(BYTES, text);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
