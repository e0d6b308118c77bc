import { inflateSync } from "node:zlib";
import { messageOf } from "../../core/errors.ts";
import { brokenPng, type PngFile } from "./png_file.ts";
import { unfilter } from "./png_unfilter.ts";

/** Pixels that are stored together: the whole image, or those of one pass of Adam7. */
interface Pass {
  readonly width: number;
  readonly height: number;
  /** Position of its first pixel in the image, and steps to the next. */
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/** x, y, dx, dy of Adam7's passes (PNG 1.2, section 2.6). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Most bytes that a byte of a deflate stream can hold: 258 for two bits. */
const INFLATION = 1032;

function passes({ width, height, interlaced }: PngFile): Pass[] {
  return (interlaced ? ADAM7 : [[0, 0, 1, 1]] as const).map(([x, y, dx, dy]) => ({
    width: Math.ceil((width - x) / dx),
    height: Math.ceil((height - y) / dy),
    x,
    y,
    dx,
    dy,
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Decompresses no more than the header calls for, which the limit on pixels bounds. */
function inflate({ compressed, width, height }: PngFile, length: number, from: string): Uint8Array {
  const size = `${width}x${height} pixels`;
  if (length > compressed.length * INFLATION) {
    throw brokenPng(from, `${compressed.length} bytes cannot hold its ${size}`);
  }
  let raw: Uint8Array;
  try {
    raw = inflateSync(compressed, { maxOutputLength: length });
  } catch (error) {
    const over = (error as { readonly code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    throw brokenPng(from, over ? `its data inflate beyond its ${size}` : messageOf(error));
  }
  if (raw.length === length) return raw;
  throw brokenPng(from, `its data hold ${raw.length} bytes, its ${size} are ${length}`);
}

/** Puts the samples of one pass, in rows of whole bytes, where they belong; of 16 bits the high byte. */
function spread(
  rows: Uint8Array,
  stride: number,
  pass: Pass,
  file: PngFile,
  out: Uint8Array,
): void {
  const { depth, channels, width } = file;
  const mask = (1 << depth) - 1;
  for (let row = 0; row < pass.height; row++) {
    const begin = row * stride;
    let to = ((pass.y + row * pass.dy) * width + pass.x) * channels;
    const step = (pass.dx - 1) * channels;
    for (let column = 0, sample = 0; column < pass.width; column++, to += step) {
      for (let c = 0; c < channels; c++, sample++) {
        if (depth >= 8) {
          out[to++] = rows[begin + (depth === 16 ? 2 * sample : sample)]!;
        } else {
          const bit = sample * depth;
          out[to++] = rows[begin + (bit >> 3)]! >> (8 - depth - (bit & 7)) & mask;
        }
      }
    }
  }
}

/**
 * Decompresses a PNG's samples, unfiltered and in their place.
 *
 * @param file what {@linkcode parsePng} gives; its extent must have been checked against the limit on pixels
 * @param from its path, for messages
 * @returns `[H,W,C]`, a byte a sample: those of less than 8 bits as they are, of 16 bits the high byte
 * @throws {SyntaxError} naming the file where its data are damaged, or less or more than its pixels
 */
export function pngSamples(file: PngFile, from: string): Uint8Array {
  const { width, height, depth, channels } = file;
  const strideOf = (pass: Pass) => Math.ceil(pass.width * channels * depth / 8);
  const all = passes(file);
  const length = all.reduce((sum, pass) => sum + pass.height * (1 + strideOf(pass)), 0);
  const raw = inflate(file, length, from);
  const bytesPerPixel = Math.max(1, channels * depth >> 3);
  const out = new Uint8Array(width * height * channels);
  let at = 0;
  for (const pass of all) {
    const stride = strideOf(pass);
    const plain = depth === 8 && !file.interlaced;
    const rows = plain ? out : new Uint8Array(pass.height * stride);
    const fault = unfilter(raw.subarray(at), rows, stride, bytesPerPixel);
    if (fault !== undefined) throw brokenPng(from, `it uses filter ${fault}, valid are 0 to 4`);
    if (!plain) spread(rows, stride, pass, file, out);
    at += pass.height * (1 + stride);
  }
  return out;
}
