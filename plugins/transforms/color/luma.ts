/**
 * Converts pixels to grey with ITU-R 601-2 weights in fixed point, as Pillow's `convert("L")` does (`Convert.c`, `L24`).
 *
 * @param pixels RGB interleaved, uint8
 * @returns one grey value per pixel
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { luma } from "./luma.ts";
 * assertEquals(luma(new Uint8Array([255, 0, 0, 9, 9, 9])), new Uint8Array([76, 9]));
 * ```
 */
export function luma(pixels: Uint8Array): Uint8Array {
  const grey = new Uint8Array(pixels.length / 3);
  for (let i = 0, p = 0; i < grey.length; i++, p += 3) {
    grey[i] = (pixels[p]! * 19595 + pixels[p + 1]! * 38470 + pixels[p + 2]! * 7471 + 0x8000) >> 16;
  }
  return grey;
}
