/**
 * The pseudo label of CAMs at a threshold: the strongest class where it exceeds alpha; among equals the lowest index.
 *
 * @param cams by class index from 0, each `[pixels]`
 * @param pixels of the image
 * @param alpha CAM below which a pixel is background
 * @returns class of every pixel, 0 background
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pseudoMask } from "seamstress/wsss";
 * const cams = new Map([[2, Float32Array.of(0.9, 0.5)], [4, Float32Array.of(0.2, 0.5)]]);
 * assertEquals(pseudoMask(cams, 2, 0.3), Uint8Array.of(3, 3));
 * assertEquals(pseudoMask(cams, 2, 0.5), Uint8Array.of(3, 0));
 * ```
 */
export function pseudoMask(
  cams: ReadonlyMap<number, Float32Array>,
  pixels: number,
  alpha: number,
): Uint8Array {
  const mask = new Uint8Array(pixels);
  const strongest = new Float32Array(pixels).fill(alpha);
  for (const [c, map] of [...cams].toSorted(([a], [b]) => a - b)) {
    for (let i = 0; i < pixels; i++) {
      if (map[i]! <= strongest[i]!) continue;
      strongest[i] = map[i]!;
      mask[i] = 1 + c;
    }
  }
  return mask;
}
