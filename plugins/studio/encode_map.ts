import { encodeRgbPng, type Raster } from "seamstress";
import type { ImageMap } from "./read_map.ts";

/** Largest number that two bytes hold. */
const FULL = 65535;

/**
 * Class numbers as a picture that a page can read back exactly: red, green and blue are the number.
 *
 * @param mask class of every pixel, 255 unknown
 * @returns a PNG
 */
export function encodeNumbers({ width, height, data }: Raster): Uint8Array {
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) rgb.fill(data[i]!, 3 * i, 3 * i + 3);
  return encodeRgbPng({ width, height, channels: 3, data: rgb });
}

/**
 * A stage's map as a picture: masks as {@linkcode encodeNumbers} has them; CAMs class below class, in the order of their map, values
 * 0 to 1 as sixteen bits, the high byte in red, the low one in green.
 *
 * @param map of an image
 * @returns a PNG, `[H,W]` of a mask, `[K*H,W]` of K classes' CAMs
 */
export function encodeMap({ width, height, cams, mask }: ImageMap): Uint8Array {
  if (mask) return encodeNumbers({ width, height, channels: 1, data: mask });
  const pixels = width * height, maps = [...cams!.values()];
  const rgb = new Uint8Array(3 * pixels * Math.max(maps.length, 1));
  maps.forEach((map, k) => {
    for (let i = 0; i < pixels; i++) {
      const value = Math.round(Math.min(Math.max(map[i]!, 0), 1) * FULL);
      const at = 3 * (k * pixels + i);
      rgb[at] = value >> 8;
      rgb[at + 1] = value & 255;
    }
  });
  return encodeRgbPng({ width, height: height * Math.max(maps.length, 1), channels: 3, data: rgb });
}
