import { blend } from "./blend.ts";
import { luma } from "./luma.ts";

/**
 * Scales the distance from each pixel's own grey, exactly as Pillow's `ImageEnhance.Color` does.
 *
 * @param pixels RGB interleaved, uint8
 * @param factor >= 0; 0 is grey, 1 the same image
 * @returns as many pixels
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustSaturation } from "./saturation.ts";
 * assertEquals(adjustSaturation(new Uint8Array([255, 0, 0]), 0), new Uint8Array([76, 76, 76]));
 * ```
 */
export function adjustSaturation(pixels: Uint8Array, factor: number): Uint8Array {
  const grey = luma(pixels);
  const out = new Uint8Array(pixels.length);
  for (let i = 0, p = 0; i < grey.length; i++, p += 3) {
    out[p] = blend(grey[i]!, pixels[p]!, factor);
    out[p + 1] = blend(grey[i]!, pixels[p + 1]!, factor);
    out[p + 2] = blend(grey[i]!, pixels[p + 2]!, factor);
  }
  return out;
}
