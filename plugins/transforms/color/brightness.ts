import { blendWith } from "./blend.ts";

/**
 * Scales the brightness, exactly as Pillow's `ImageEnhance.Brightness` does.
 *
 * @param pixels RGB interleaved, uint8
 * @param factor >= 0; 0 is black, 1 the same image
 * @returns as many pixels
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustBrightness } from "./brightness.ts";
 * assertEquals(adjustBrightness(new Uint8Array([0, 101, 200]), 1.5), new Uint8Array([0, 151, 255]));
 * ```
 */
export function adjustBrightness(pixels: Uint8Array, factor: number): Uint8Array {
  return blendWith(0, pixels, factor);
}
