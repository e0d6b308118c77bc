import { mapRasters } from "./map_rasters.ts";
import { resizeBicubic } from "./pillow_bicubic.ts";
import { resizeNearest } from "./pillow_nearest.ts";
import { roundHalfEven } from "./round_half_even.ts";
import type { Sample } from "../../core/data/sample.ts";
import { uint8Pixels } from "./pixels.ts";

/**
 * Resizes a sample: the image as Pillow's bicubic does, the mask as its nearest does, so that both stay aligned.
 *
 * @param sample uint8 image, mask or none
 * @param width target width, >= 1
 * @param height target height, >= 1
 * @param transform name of the transform that asks, for messages
 * @returns the resized sample; the very same one where the size stays
 * @throws {TypeError} where the image is normalised already
 */
export function resizeSample(
  sample: Sample,
  width: number,
  height: number,
  transform: string,
): Sample {
  uint8Pixels(sample.image, transform);
  if (width === sample.image.width && height === sample.image.height) return sample;
  const image = resizeBicubic(sample.image, width, height);
  return {
    ...mapRasters(sample, (raster) => resizeNearest(raster, width, height)),
    image,
  };
}

/**
 * Size of an image whose long side is given; the short side keeps the ratio and is rounded half to even (SEAM,
 * `tool/imutils.py`, `RandomResizeLong`), but is never 0.
 *
 * @param width width now
 * @param height height now
 * @param long the long side to be
 * @returns `[width, height]` to be
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sizeOfLongSide } from "seamstress";
 * assertEquals(sizeOfLongSide(500, 375, 448), [448, 336]);
 * assertEquals(sizeOfLongSide(3, 500, 50), [1, 50]);
 * ```
 */
export function sizeOfLongSide(width: number, height: number, long: number): [number, number] {
  return width < height
    ? [Math.max(roundHalfEven((width * long) / height), 1), long]
    : [long, Math.max(roundHalfEven((height * long) / width), 1)];
}
