import {
  BLUE_GREEN,
  BLUE_RED,
  GREEN_BLUE,
  GREEN_RED,
  hueTables,
  RED_BLUE,
  RED_GREEN,
} from "./hue_tables.ts";
import { writeSector } from "./write_sector.ts";

const { fround, trunc } = Math;

/**
 * Rotates the hue, exactly as torchvision 0.14's `adjust_hue` does on a PIL image: to Pillow's 8-bit HSV, the hue moved on its
 * circle of 256 values, and back.
 *
 * @param pixels RGB interleaved, uint8
 * @param turn part of the circle, -0.5 .. 0.5; cut to 255ths
 * @returns as many pixels; not quite the same ones at 0, because Pillow's HSV loses a little
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustHue } from "./hue.ts";
 * assertEquals(adjustHue(new Uint8Array([255, 0, 0, 7, 7, 7]), 0.5), new Uint8Array([0, 255, 252, 7, 7, 7]));
 * ```
 */
export function adjustHue(pixels: Uint8Array, turn: number): Uint8Array {
  const shift = trunc(turn * 255);
  const { hue: hues, saturation: saturations, sector: sectors, place: places } = hueTables();
  const out = new Uint8Array(pixels.length);
  for (let p = 0; p < pixels.length; p += 3) {
    const red = pixels[p]!, green = pixels[p + 1]!, blue = pixels[p + 2]!;
    let max = green, middle = red, min = blue, order = GREEN_BLUE;
    if (red >= green) {
      max = red;
      order = RED_BLUE;
      if (green >= blue) middle = green;
      else if (red >= blue) {
        middle = blue;
        min = green;
        order = RED_GREEN;
      } else {
        max = blue;
        min = green;
        order = BLUE_GREEN;
      }
    } else if (red < blue) {
      min = red;
      if (green >= blue) {
        middle = blue;
        order = GREEN_RED;
      } else {
        max = blue;
        middle = green;
        order = BLUE_RED;
      }
    }
    const range = max - min, saturation = saturations[max << 8 | range]!;
    if (saturation === 0) {
      out[p] = out[p + 1] = out[p + 2] = max;
      continue;
    }
    const hue = hues[order << 16 | range << 8 | max - middle]! + shift & 255;
    // Pillow's hsv2rgb: the sector of the colour circle, the place in it, and three levels beside the value.
    const sector = sectors[hue]!, place = places[hue]!;
    const s = fround(saturation / 255);
    const low = Math.round(max * (1 - s));
    const falling = Math.round(max * (1 - fround(s * place)));
    const rising = Math.round(max * (1 - s * (1 - place)));
    writeSector(out, p, sector, max, low, rising, falling);
  }
  return out;
}
