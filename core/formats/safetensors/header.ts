import { cut, messageOf, mistake } from "../../errors.ts";
import { show } from "../../registry/option_errors.ts";
import type { DType } from "../state_dict.ts";

/** Bytes an element, by type. */
export const BYTES: Readonly<Record<DType, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
  I32: 4,
  U8: 1,
};

/** Bytes before the header's text: its length, as a 64-bit little-endian integer. */
export const PREFIX = 8;

/** Longest header that the reference implementation accepts, in bytes. */
const MAX_HEADER = 100_000_000;

/** One tensor as the header describes it, checked. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Offsets in bytes from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** A safetensors file's header, checked. */
export interface Header {
  /** In the header's order. */
  readonly entries: readonly Entry[];
  /** The header's `__metadata__`; empty where there is none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the length of a header.
 *
 * @param prefix the file's first bytes, {@linkcode PREFIX} or more
 * @param fileLength bytes in the whole file
 * @param from the file's name, for messages
 * @returns bytes of the header's text, which follows the prefix
 * @throws {SyntaxError} where the file cannot hold such a header
 */
export function headerLength(prefix: Uint8Array, fileLength: number, from: string): number {
  if (fileLength < PREFIX) {
    throw broken(from, `it has ${fileLength} bytes, the header's length alone needs ${PREFIX}`);
  }
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER || PREFIX + length > fileLength) {
    throw broken(
      from,
      `its header claims ${length} bytes, the file has ${fileLength}; it is truncated or of another format`,
    );
  }
  return length;
}

/**
 * Parses a header and checks that every tensor lies inside the file, overlaps no other and fits its shape.
 *
 * @param text the header's bytes
 * @param dataLength bytes in the file behind the header
 * @param from the file's name, for messages
 * @returns the entries and the metadata
 * @throws {SyntaxError} naming the file and the tensor
 */
export function parseHeader(text: Uint8Array, dataLength: number, from: string): Header {
  const header = parseJson(text, from);
  const metadata = parseMetadata(header["__metadata__"], from);
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => parseEntry(name, value, dataLength, from));
  refuseOverlap(entries, from);
  return { entries, metadata };
}

/** An error about a whole file. */
function broken(from: string, problem: string): SyntaxError {
  return mistake(new SyntaxError(`Cannot read ${from} as safetensors: ${problem}`));
}

function parseJson(text: Uint8Array, from: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch (error) {
    throw broken(from, `its header is no JSON (${messageOf(error)})`);
  }
  if (!isRecord(header)) throw broken(from, "its header is no JSON object");
  return header;
}

function parseMetadata(value: unknown, from: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw broken(from, "__metadata__ is no JSON object");
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== "string") throw broken(from, `__metadata__ "${cut(key)}" is no string`);
    return [key, text];
  });
  return Object.fromEntries(entries);
}

function parseEntry(name: string, value: unknown, dataLength: number, from: string): Entry {
  const fail = (problem: string) => broken(from, `tensor "${cut(name)}" ${problem}`);
  if (!isRecord(value)) throw fail("is described by no JSON object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !isDType(dtype)) {
    const valid = Object.keys(BYTES).join(", ");
    throw fail(`has dtype ${show(dtype)}, valid are ${valid}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw fail(`has shape ${show(shape)}, it must list integers >= 0`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw fail(`has data_offsets ${show(offsets)}, it must hold two integers >= 0`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataLength) {
    throw fail(
      `lies at bytes ${begin} to ${end} of ${dataLength} data bytes; the file is truncated or broken`,
    );
  }
  const needed = shape.reduce((product, size) => product * size, BYTES[dtype]);
  if (needed !== end - begin) {
    throw fail(`of shape ${show(shape)} ${dtype} needs ${needed} bytes, it has ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

function refuseOverlap(entries: readonly Entry[], from: string): void {
  const inOrder = entries.filter((entry) => entry.end > entry.begin)
    .toSorted((a, b) => a.begin - b.begin);
  for (let i = 1; i < inOrder.length; i++) {
    const before = inOrder[i - 1]!, after = inOrder[i]!;
    if (after.begin < before.end) {
      throw broken(from, `tensors "${cut(before.name)}" and "${cut(after.name)}" overlap`);
    }
  }
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
