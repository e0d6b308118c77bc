import { cut, messageOf, userError } from "../../../core/errors.ts";
import { show } from "../../../core/registry/option_errors.ts";
import type { DType } from "../../../core/contracts/state_dict.ts";

/** Bytes per element, by type. */
export const BYTES: Readonly<Record<DType, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
  I32: 4,
  U8: 1,
};

/** Unsupported types of the format, and their bits per element. */
const NOT_READ: Readonly<Record<string, number>> = {
  BOOL: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  I16: 16,
  U16: 16,
  U32: 32,
  U64: 64,
  C64: 64,
};

/** Bytes before the header's text: its length, as a 64-bit little-endian integer. */
export const PREFIX = 8;

/** Maximum length of a header in the reference implementation, in bytes. */
const MAX_HEADER = 100_000_000;

/** One tensor's entry in the header, validated. */
export interface Entry {
  /** The tensor's name. */
  readonly name: string;
  /** The type that it is decoded as; absent for unsupported types. */
  readonly dtype?: DType;
  /** The type as the header names it. */
  readonly type: string;
  /** Sizes of its dimensions. */
  readonly shape: readonly number[];
  /** Offsets in bytes from the end of the header. */
  readonly begin: number;
  /** Offset after its last byte. */
  readonly end: number;
}

/** A safetensors file's header, validated. */
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
 * @returns length in bytes of the header's text, which follows the prefix
 * @throws {SyntaxError} where the file is too small for such a header
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
 * Parses a header and checks that every tensor's size matches its shape, and that the tensors fill the file without gap or
 * overlap, as the reference implementation does (huggingface/safetensors, `src/tensor.rs`, `Metadata::validate`).
 *
 * @param text the header's bytes
 * @param dataLength number of bytes in the file after the header
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
  refuseGaps(entries, dataLength, from);
  return { entries, metadata };
}

/** An error about a whole file. */
function broken(from: string, problem: string): SyntaxError {
  return userError(new SyntaxError(`Cannot read ${from} as safetensors: ${problem}`));
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
  const fail = (problem: string) => broken(from, `tensor ${show(name)} ${problem}`);
  if (!isRecord(value)) throw fail("is described by no JSON object");
  const { dtype: type, shape, data_offsets: offsets } = value;
  const bits = typeof type === "string" ? bitsOf(type) : undefined;
  if (typeof type !== "string" || bits === undefined) {
    const valid = [...Object.keys(BYTES), ...Object.keys(NOT_READ)].join(", ");
    throw fail(`has dtype ${plain(type)}, valid are ${valid}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw fail(`has shape ${plain(shape)}, it must list integers >= 0`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw fail(`has data_offsets ${plain(offsets)}, it must hold two integers >= 0`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataLength) {
    throw fail(
      `lies at bytes ${begin} to ${end} of ${dataLength} data bytes; the file is truncated or broken`,
    );
  }
  const needed = shape.reduce((product, size) => product * size, bits) / 8;
  if (needed !== end - begin) {
    throw fail(`of shape ${plain(shape)} ${type} needs ${needed} bytes, it has ${end - begin}`);
  }
  return { name, ...isDType(type) && { dtype: type }, type, shape, begin, end };
}

function refuseGaps(entries: readonly Entry[], dataLength: number, from: string): void {
  const inOrder = entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const [i, { name, begin, end }] of inOrder.entries()) {
    if (begin < at) {
      const before = inOrder[i - 1]!.name;
      throw broken(from, `tensors ${show(before)} and ${show(name)} overlap`);
    }
    if (begin > at) {
      throw broken(from, `bytes ${at} to ${begin}, before tensor ${show(name)}, are no tensor's`);
    }
    at = end;
  }
  if (at < dataLength) {
    throw broken(from, `its last ${dataLength - at} bytes are no tensor's`);
  }
}

function bitsOf(type: string): number | undefined {
  if (isDType(type)) return 8 * BYTES[type];
  return Object.hasOwn(NOT_READ, type) ? NOT_READ[type] : undefined;
}

/** Formats a value for a message; of lists only one level of numbers, since they may be nested deeply. */
function plain(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === "object" ? "an object" : show(value);
  const parts = value.slice(0, 8).map((item) => typeof item === "object" ? "…" : show(item));
  return `[${parts.join()}${value.length > 8 ? ",…" : ""}]`;
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
