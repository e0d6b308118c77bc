import { writeSector } from "./write_sector.ts";

/** Fractional bits of OpenCV's fixed-point division. */
const BITS = 12;

/** What OpenCV's tables hold: `numerator / denominator` in fixed point, 0 for a division by 0. */
const quotient = (numerator: number, denominator: number) =>
  denominator === 0 ? 0 : Math.round((numerator << BITS) / denominator);

const clamp = (value: number) => value < 0 ? 0 : value > 255 ? 255 : value;

/** What is added to each component, in OpenCV's 8-bit units. */
export interface HsvShift {
  /** Half degrees, on a circle of 180. */
  readonly hue: number;
  /** 255ths, clipped to 0..255. */
  readonly saturation: number;
  /** 255ths, clipped to 0..255. */
  readonly value: number;
}

/**
 * Shifts hue, saturation and value on OpenCV's 8-bit HSV (hue 0..179): `cvtColor(RGB2HSV)`, an addition, `cvtColor(HSV2RGB)`, the
 * colour jitter of the retraining step. Within one level of OpenCV, which itself rounds in scalar code, as here, and truncates in
 * vector code.
 *
 * @param pixels RGB interleaved, uint8
 * @param shift integers
 * @returns as many pixels
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shiftHsv } from "./shift_hsv.ts";
 * const red = new Uint8Array([255, 0, 0]);
 * assertEquals(shiftHsv(red, { hue: 60, saturation: 0, value: -55 }), new Uint8Array([0, 200, 0]));
 * ```
 */
export function shiftHsv(pixels: Uint8Array, shift: HsvShift): Uint8Array {
  const out = new Uint8Array(pixels.length);
  const half = 1 << (BITS - 1);
  for (let p = 0; p < pixels.length; p += 3) {
    const red = pixels[p]!, green = pixels[p + 1]!, blue = pixels[p + 2]!;
    const max = Math.max(red, green, blue);
    const range = max - Math.min(red, green, blue);
    const sixths = max === red
      ? green - blue
      : max === green
      ? blue - red + 2 * range
      : red - green + 4 * range;
    const hue = ((sixths * quotient(180, 6 * range) + half) >> BITS) + shift.hue;
    const saturation = clamp(((range * quotient(255, max) + half) >> BITS) + shift.saturation);
    const value = clamp(max + shift.value);

    const sixth = (((hue % 180) + 180) % 180) / 30;
    const sector = Math.trunc(sixth);
    const place = sixth - sector;
    const s = saturation / 255;
    const low = Math.round(value * (1 - s));
    const falling = Math.round(value * (1 - s * place));
    const rising = Math.round(value * (1 - s * (1 - place)));
    writeSector(out, p, sector, value, low, rising, falling);
  }
  return out;
}
