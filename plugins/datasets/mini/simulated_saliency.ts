import type { Raster } from "seamstress";

/** The map's number for wholly salient, as of an 8-bit PNG. */
const SALIENT = 255;

/**
 * Stands for what a saliency detector finds: the foreground of the ground truth, whatever its class, grown by a few pixels.
 *
 * @param mask one channel: 0 background
 * @param grow pixels, in any direction
 * @returns one channel float32 of the mask's size: 0 or 255
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { simulatedSaliency } from "./simulated_saliency.ts";
 * const mask = { width: 5, height: 1, channels: 1, data: Uint8Array.of(0, 0, 3, 0, 0) };
 * assertEquals([...simulatedSaliency(mask, 1).data], [0, 255, 255, 255, 0]);
 * ```
 */
export function simulatedSaliency({ width, height, data }: Raster, grow: number): Raster {
  const salient = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      const left = Math.max(x - grow, 0), right = Math.min(x + grow + 1, width);
      for (let v = Math.max(y - grow, 0); v < Math.min(y + grow + 1, height); v++) {
        salient.fill(SALIENT, v * width + left, v * width + right);
      }
    }
  }
  return { width, height, channels: 1, data: salient };
}
