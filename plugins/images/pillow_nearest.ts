import type { Raster } from "../../core/data/sample.ts";

/** Input position of each output position. The step is added up, not multiplied, because Pillow's rounding comes from that. */
function positions(input: number, output: number): Int32Array {
  const step = input / output;
  const from = new Int32Array(output);
  let at = step * 0.5;
  for (let i = 0; i < output; i++, at += step) from[i] = Math.min(Math.trunc(at), input - 1);
  return from;
}

/**
 * Resizes without mixing values, exactly as Pillow's `Image.resize(size, Image.NEAREST)` does (`src/libImaging/Geometry.c`,
 * `ImagingScaleAffine`): for masks, whose values are class numbers, and maps.
 *
 * @param raster uint8 or float32 pixels, any number of channels
 * @param width target width, >= 1
 * @param height target height, >= 1
 * @returns the resized image; a copy where the size stays
 * @throws {RangeError} where a size is not a positive integer
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resizeNearest } from "seamstress";
 * const row = { width: 2, height: 1, channels: 1, data: new Uint8Array([3, 255]) };
 * assertEquals(resizeNearest(row, 3, 1).data, new Uint8Array([3, 255, 255]));
 * ```
 */
export function resizeNearest(raster: Raster, width: number, height: number): Raster {
  const { channels, data } = raster;
  if (!(Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1)) {
    throw new RangeError(
      `Cannot resize to ${width}x${height}: width and height must be integers >= 1`,
    );
  }
  const columns = positions(raster.width, width);
  const rows = positions(raster.height, height);
  const length = width * height * channels;
  const out = data instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = rows[y]! * raster.width;
    for (let x = 0; x < width; x++) {
      const from = (row + columns[x]!) * channels;
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  }
  return { width, height, channels, data: out };
}
