/** A palette colour: red, green, blue, 0..255. */
export type Colour = readonly [number, number, number];

/**
 * The colour map of PASCAL VOC's masks (VOCdevkit, `VOClabelcolormap.m`): the bits of the class number, spread over the high bits
 * of red, green and blue. 0 is black, 255 (ignored) is nearly white.
 *
 * @returns 256 colours, by class number
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { vocPalette } from "seamstress";
 * assertEquals(vocPalette()[8], [64, 0, 0]); // cat
 * assertEquals(vocPalette()[255], [224, 224, 192]);
 * ```
 */
export function vocPalette(): readonly Colour[] {
  return Array.from({ length: 256 }, (_, index): Colour => {
    let red = 0, green = 0, blue = 0;
    for (let bit = 7, rest = index; rest > 0; bit--, rest >>= 3) {
      red |= (rest & 1) << bit;
      green |= (rest >> 1 & 1) << bit;
      blue |= (rest >> 2 & 1) << bit;
    }
    return [red, green, blue];
  });
}
