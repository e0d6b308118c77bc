/**
 * Takes the opacity off pixels as decoders and canvases give them.
 *
 * @param rgba `[pixels,4]`
 * @returns `[pixels,3]`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withoutAlpha } from "./alpha.ts";
 * assertEquals(withoutAlpha(Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 0)), Uint8Array.of(1, 2, 3, 4, 5, 6));
 * ```
 */
export function withoutAlpha(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const data = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return data;
}

/**
 * Gives pixels full opacity, as encoders and canvases take them.
 *
 * @param rgb `[pixels,3]`
 * @returns `[pixels,4]`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withAlpha } from "seamstress";
 * assertEquals(withAlpha(Uint8Array.of(1, 2, 3, 4, 5, 6)), Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255));
 * ```
 */
export function withAlpha(rgb: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(rgb.length / 3 * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    data[to] = rgb[from]!;
    data[to + 1] = rgb[from + 1]!;
    data[to + 2] = rgb[from + 2]!;
  }
  return data;
}
