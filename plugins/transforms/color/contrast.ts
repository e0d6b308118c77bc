import { blendWith } from "./blend.ts";
import { luma } from "./luma.ts";

/**
 * Scales the distance from the mean grey, exactly as Pillow's `ImageEnhance.Contrast` does.
 *
 * @param pixels RGB interleaved, uint8; at least one pixel
 * @param factor >= 0; 0 is the mean grey, rounded, 1 the same image
 * @returns as many pixels
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustContrast } from "./contrast.ts";
 * const pixels = new Uint8Array([0, 0, 0, 100, 100, 100]);
 * assertEquals(adjustContrast(pixels, 0.5), new Uint8Array([25, 25, 25, 75, 75, 75]));
 * ```
 */
export function adjustContrast(pixels: Uint8Array, factor: number): Uint8Array {
  const grey = luma(pixels);
  let sum = 0;
  for (const value of grey) sum += value;
  return blendWith(Math.floor(sum / grey.length + 0.5), pixels, factor);
}
