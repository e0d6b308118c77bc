import { assertEquals } from "@std/assert";
import { adjustHue } from "../../../../plugins/transforms/color/hue.ts";

const { fround, trunc } = Math;

/** Pillow's `rgb2hsv_row` and `hsv2rgb` (`Convert.c`) of one pixel, whose variables are float32. */
function byDefinition(red: number, green: number, blue: number, shift: number): number[] {
  const max = Math.max(red, green, blue), range = max - Math.min(red, green, blue);
  const saturation = range === 0 ? 0 : trunc(fround(range / max) * 255);
  if (saturation === 0) return [max, max, max];
  const [r, g, b] = [red, green, blue].map((value) => fround((max - value) / range));
  const sixth = fround(red === max ? b! - g! : green === max ? 2 + r! - b! : 4 + g! - r!);
  const turn = sixth / 6 + 1;
  const hue = (trunc(fround(turn < 1 ? turn : turn - 1) * 255) + shift) & 255;
  const sector = trunc(hue * 6 / 255), place = fround(hue * 6 / 255 - sector);
  const s = fround(saturation / 255);
  const p = Math.round(max * (1 - s));
  const q = Math.round(max * (1 - fround(s * place)));
  const t = Math.round(max * (1 - s * (1 - place)));
  const all = [[max, t, p], [q, max, p], [p, max, t], [p, q, max], [t, p, max], [max, p, q]];
  return all[sector % 6]!;
}

Deno.test("adjustHue() is Pillow's definition for every order of the channels and every third level", () => {
  const levels = Array.from({ length: 86 }, (_, i) => 3 * i);
  const pixels = new Uint8Array(3 * levels.length ** 3);
  let at = 0;
  for (const red of levels) {
    for (const green of levels) {
      for (const blue of levels) {
        pixels.set([red, green, blue], at);
        at += 3;
      }
    }
  }
  for (const shift of [-127, 0, 25]) {
    // Halfway between two 255ths, which are cut.
    const found = adjustHue(pixels, (shift + Math.sign(shift) / 2) / 255);
    const wanted = new Uint8Array(pixels.length);
    for (let p = 0; p < pixels.length; p += 3) {
      wanted.set(byDefinition(pixels[p]!, pixels[p + 1]!, pixels[p + 2]!, shift), p);
    }
    assertEquals(found, wanted);
  }
});
