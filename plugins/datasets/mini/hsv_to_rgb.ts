/** Red, green and blue in 0..1. */
export type Rgb = readonly [number, number, number];

/**
 * Converts a colour from HSV to RGB.
 *
 * @param hue any number, of which only the fractional part is used; 0 is red
 * @param saturation 0..1
 * @param value 0..1
 * @returns the colour
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hsvToRgb } from "./hsv_to_rgb.ts";
 * assertEquals([hsvToRgb(0, 1, 1), hsvToRgb(0.5, 1, 0.5), hsvToRgb(1.25, 0, 0.3)], [
 *   [1, 0, 0],
 *   [0, 0.5, 0.5],
 *   [0.3, 0.3, 0.3],
 * ]);
 * ```
 */
export function hsvToRgb(hue: number, saturation: number, value: number): Rgb {
  const channel = (offset: number) => {
    const k = (offset + (hue - Math.floor(hue)) * 6) % 6;
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1));
  };
  return [channel(5), channel(3), channel(1)];
}
