import encode from "@jsquash/jpeg/encode.js";
import type { Raster } from "../../../core/data/sample.ts";

/** Encodes an RGB image as a JPEG of quality 90; lossy. */
export async function encodeJpeg(image: Raster): Promise<Uint8Array> {
  const { width, height, data } = image;
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
  return new Uint8Array(
    await encode({ data: rgba, width, height, colorSpace: "srgb" } as ImageData, { quality: 90 }),
  );
}

/** A smooth RGB image, another one for each seed. */
export function testImage(width: number, height: number, seed = 0): Raster {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const c = i % 3, x = (i - c) / 3 % width, y = Math.floor(i / 3 / width);
    data[i] = 127 + 100 * Math.sin(x / (5 + c) + seed) * Math.cos(y / (7 - c) - seed);
  }
  return { width, height, channels: 3, data };
}
