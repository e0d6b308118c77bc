import { writeSector } from "./write_sector.ts";

const { fround, trunc } = Math;

/** Hue 0..255 of a pixel that is no grey; Pillow's `rgb2hsv_row` (`Convert.c`), whose variables are float32. */
function hueOf(red: number, green: number, blue: number, max: number, range: number): number {
  const r = fround((max - red) / range);
  const g = fround((max - green) / range);
  const b = fround((max - blue) / range);
  const sixth = red === max ? fround(b - g) : green === max ? fround(2 + r - b) : fround(4 + g - r);
  const turn = sixth / 6 + 1;
  return trunc(fround(turn < 1 ? turn : turn - 1) * 255);
}

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
  const out = new Uint8Array(pixels.length);
  for (let p = 0; p < pixels.length; p += 3) {
    const red = pixels[p]!, green = pixels[p + 1]!, blue = pixels[p + 2]!;
    const max = Math.max(red, green, blue);
    const range = max - Math.min(red, green, blue);
    const saturation = range === 0 ? 0 : trunc(fround(range / max) * 255);
    if (saturation === 0) {
      out[p] = out[p + 1] = out[p + 2] = max;
      continue;
    }
    const hue = (hueOf(red, green, blue, max, range) + shift) & 255;
    // Pillow's hsv2rgb: the sector of the colour circle, the place in it, and three levels beside the value.
    const sector = trunc(hue * 6 / 255);
    const place = fround(hue * 6 / 255 - sector);
    const s = fround(saturation / 255);
    const low = Math.round(max * (1 - s));
    const falling = Math.round(max * (1 - fround(s * place)));
    const rising = Math.round(max * (1 - s * (1 - place)));
    writeSector(out, p, sector % 6, max, low, rising, falling);
  }
  return out;
}
