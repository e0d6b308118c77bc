/**
 * Blends two pixel values as Pillow's `Image.blend` does (`Blend.c`): in float32, cut to an integer, clipped to 0..255.
 *
 * @param from value at factor 0, 0..255
 * @param to value at factor 1, 0..255
 * @param factor how far from `from` to `to`, >= 0; beyond 1 extrapolates
 * @returns an integer 0..255
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { blend } from "./blend.ts";
 * assertEquals([blend(0, 100, 0.5), blend(0, 200, 1.5), blend(200, 0, 1.25)], [50, 255, 0]);
 * ```
 */
export function blend(from: number, to: number, factor: number): number {
  const value = Math.fround(from + Math.fround(Math.fround(factor) * (to - from)));
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
}

/**
 * Blends every value of an image with one and the same value.
 *
 * @param from value at factor 0, 0..255
 * @param pixels values at factor 1, uint8
 * @param factor see {@linkcode blend}
 * @returns as many values
 */
export function blendWith(from: number, pixels: Uint8Array, factor: number): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, to) => blend(from, to, factor));
  const out = new Uint8Array(pixels.length);
  for (let i = 0; i < out.length; i++) out[i] = table[pixels[i]!]!;
  return out;
}
