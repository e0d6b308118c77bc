import type { Raster } from "../../core/data/sample.ts";
import { bicubicCoefficients, type Coefficients, HALF, PRECISION } from "./pillow_coefficients.ts";
import { resampleColumns, resampleRows3 } from "./resample.ts";

/** Resamples every row of an image of any number of channels. */
function horizontal(
  source: Uint8Array,
  width: number,
  rows: number,
  channels: number,
  along: Coefficients,
): Uint8Array {
  const { taps, start, count, weights } = along;
  // Clamped: the filter overshoots at edges.
  const out = new Uint8ClampedArray(rows * start.length * channels);
  let to = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < start.length; x++) {
      for (let c = 0; c < channels; c++) {
        let from = (y * width + start[x]!) * channels + c;
        let sum = HALF;
        for (let k = x * taps, end = k + count[x]!; k < end; k++, from += channels) {
          sum = (sum + Math.imul(source[from]!, weights[k]!)) | 0;
        }
        out[to++] = sum >> PRECISION;
      }
    }
  }
  return new Uint8Array(out.buffer);
}

/**
 * Resizes an 8-bit image exactly as Pillow's `Image.resize(size, Image.BICUBIC)` does: antialiased, rows first and then columns,
 * each pass in fixed point and rounded to 8 bits (Pillow, `src/libImaging/Resample.c`). The SEAM authors resize all photographs
 * so, in training and for every scale of inference.
 *
 * @param raster uint8 pixels, any number of channels
 * @param width target width, >= 1
 * @param height target height, >= 1
 * @returns the resized image; a copy where the size stays
 * @throws {TypeError} where the pixels are not uint8
 * @throws {RangeError} where a size is not a positive integer
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resizeBicubic } from "seamstress";
 * const row = { width: 4, height: 1, channels: 1, data: new Uint8Array([0, 0, 255, 255]) };
 * assertEquals(resizeBicubic(row, 2, 1).data, new Uint8Array([21, 234]));
 * ```
 */
export function resizeBicubic(raster: Raster, width: number, height: number): Raster {
  const { channels } = raster;
  if (!(raster.data instanceof Uint8Array)) {
    throw new TypeError("Cannot resize float pixels as Pillow does: the pixels must be uint8");
  }
  if (!(Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1)) {
    throw new RangeError(
      `Cannot resize to ${width}x${height}: width and height must be integers >= 1`,
    );
  }
  let data = raster.data;
  if (width !== raster.width) {
    const along = bicubicCoefficients(raster.width, width);
    data = channels === 3
      ? resampleRows3(data, raster.width, raster.height, along)
      : horizontal(data, raster.width, raster.height, channels, along);
  }
  if (height !== raster.height) {
    data = resampleColumns(data, width * channels, bicubicCoefficients(raster.height, height));
  }
  return { width, height, channels, data: data === raster.data ? data.slice() : data };
}
