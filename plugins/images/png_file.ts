import { crc32 } from "node:zlib";
import { userError } from "../../core/errors.ts";
import { joinBytes } from "../formats/join_bytes.ts";
import type { Colour } from "./voc_palette.ts";

/** How a PNG's pixels are stored: its IHDR chunk. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 1 (grey, or palette indices), 2 (grey, alpha), 3 (RGB) or 4 (RGBA). */
  readonly channels: number;
  /** Whether samples are palette indices. */
  readonly indexed: boolean;
  /** Whether rows are stored in the seven passes of Adam7. */
  readonly interlaced: boolean;
}

/** A PNG, not yet decompressed. */
export interface PngFile extends PngHeader {
  /** Colours by index, where samples are indices; at most 256. */
  readonly palette?: readonly Colour[];
  /** The zlib stream of its pixels. */
  readonly compressed: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes of a chunk beside its data: length, name and checksum. */
const FRAME = 12;

/** PNG's colour types: channels and valid depths (PNG 1.2, section 4.1.1). */
const COLOUR_TYPES: ReadonlyMap<number, { readonly channels: number; readonly depths: number[] }> =
  new Map([
    [0, { channels: 1, depths: [1, 2, 4, 8, 16] }],
    [2, { channels: 3, depths: [8, 16] }],
    [3, { channels: 1, depths: [1, 2, 4, 8] }],
    [4, { channels: 2, depths: [8, 16] }],
    [6, { channels: 4, depths: [8, 16] }],
  ]);

/**
 * @param from the file's path
 * @param reason what is wrong with it
 * @returns an error to throw
 */
export function brokenPng(from: string, reason: string): SyntaxError {
  return userError(
    new SyntaxError(
      `Cannot decode ${from} as PNG: ${reason} (the file is cut short, damaged or of another format)`,
    ),
  );
}

/**
 * @param bytes a file, or its beginning
 * @returns whether it begins as a PNG does
 */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

interface Chunk {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Walks chunks up to the last, IEND; what follows it is not looked at, as by any reader. */
function* chunks(bytes: Uint8Array, from: string): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE.length;;) {
    if (at + FRAME > bytes.length) throw brokenPng(from, "it ends before its chunk IEND");
    const length = view.getUint32(at);
    const end = at + FRAME + length;
    if (end > bytes.length) {
      throw brokenPng(from, `a chunk of ${length} bytes begins at byte ${at} of ${bytes.length}`);
    }
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw brokenPng(from, `the checksum (CRC) of the chunk at byte ${at} does not match`);
    }
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (name === "IEND") return;
    yield { name, data: bytes.subarray(at + 8, end - 4) };
    at = end;
  }
}

function readHeader({ name, data }: Chunk, from: string): PngHeader {
  if (name !== "IHDR" || data.length !== 13) {
    throw brokenPng(from, "its first chunk is no header (IHDR)");
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [depth, type, compression, filter, interlace] = data.subarray(8) as unknown as number[];
  const known = COLOUR_TYPES.get(type!);
  if (!known?.depths.includes(depth!) || compression !== 0 || filter !== 0 || interlace! > 1) {
    throw brokenPng(from, `its header states what no PNG has: ${data.subarray(8).join(", ")}`);
  }
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: depth!,
    channels: known.channels,
    indexed: type === 3,
    interlaced: interlace === 1,
  };
}

function readPalette({ data }: Chunk, from: string): Colour[] {
  const count = data.length / 3;
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    throw brokenPng(from, `its palette has ${data.length} bytes`);
  }
  return Array.from(
    { length: count },
    (_, i): Colour => [...data.subarray(3 * i, 3 * i + 3)] as never,
  );
}

/**
 * Takes a PNG apart without decompressing anything. Every chunk's checksum is compared; profiles, texts and transparency are
 * passed over, compressed or not.
 *
 * @param bytes the file
 * @param from its path, for messages
 * @returns header, palette and compressed pixels
 * @throws {SyntaxError} naming the file where it is truncated, damaged or not a PNG
 */
export function parsePng(bytes: Uint8Array, from: string): PngFile {
  if (!isPng(bytes)) throw brokenPng(from, "it has no PNG signature");
  let header: PngHeader | undefined;
  let palette: Colour[] | undefined;
  const parts: Uint8Array[] = [];
  for (const chunk of chunks(bytes, from)) {
    if (!header) header = readHeader(chunk, from);
    else if (chunk.name === "IHDR") throw brokenPng(from, "it has two headers (IHDR)");
    else if (chunk.name === "PLTE") palette = readPalette(chunk, from);
    else if (chunk.name === "IDAT") parts.push(chunk.data);
  }
  if (!header || parts.length === 0) throw brokenPng(from, "it has no pixels (IDAT)");
  if (header.indexed && !palette) throw brokenPng(from, "it has indices, but no palette (PLTE)");
  return {
    ...header,
    ...header.indexed && palette && { palette },
    compressed: parts.length === 1 ? parts[0]! : joinBytes(parts),
  };
}
