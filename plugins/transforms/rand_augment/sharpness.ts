import type { Raster } from "seamstress";
import { blend } from "../color/blend.ts";

/** Sum of the weights of Pillow's `SMOOTH`: 5 in the middle, 1 around it. */
const WEIGHTS = 13;

/**
 * Scales the distance from a smoothed image, exactly as Pillow's `ImageEnhance.Sharpness` does; pixels at the border stay.
 *
 * @param raster RGB interleaved, uint8
 * @param factor >= 0; 0 is the smoothed image, 1 the same
 * @returns as many pixels
 */
export function adjustSharpness({ width, height, data }: Raster, factor: number): Uint8Array {
  const pixels = data as Uint8Array, out = pixels.slice();
  for (let y = 1; y < height - 1; y++) {
    for (let i = (y * width + 1) * 3; i < (y * width + width - 1) * 3; i++) {
      let sum = 4 * pixels[i]!;
      for (const row of [i - 3 * width, i, i + 3 * width]) {
        sum += pixels[row - 3]! + pixels[row]! + pixels[row + 3]!;
      }
      out[i] = blend(Math.floor(sum / WEIGHTS + 0.5), pixels[i]!, factor);
    }
  }
  return out;
}
