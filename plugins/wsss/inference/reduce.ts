import { resizeBicubic } from "../../images/pillow_bicubic.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { sizeOfLongSide } from "../../images/resize_sample.ts";

/**
 * Reduces an image whose long side is too long (Pillow's bicubic); never enlarges.
 *
 * @param image uint8
 * @param longSide pixels; `undefined` for any
 * @returns the image itself where it fits
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reduceLongSide } from "seamstress/wsss";
 * const image = { width: 8, height: 6, channels: 1, data: new Uint8Array(48) };
 * const { width, height } = reduceLongSide(image, 4);
 * assertEquals([width, height], [4, 3]);
 * assertEquals(reduceLongSide(image, 9), image);
 * ```
 */
export function reduceLongSide(image: Raster, longSide: number | undefined): Raster {
  const { width, height } = reducedSize(image, longSide);
  const fits = width === image.width && height === image.height;
  return fits ? image : resizeBicubic(image, width, height);
}

/**
 * The size that {@linkcode reduceLongSide} gives an image.
 *
 * @param image its size
 * @param longSide pixels; `undefined` for any
 * @returns width and height
 */
export function reducedSize(
  { width, height }: Pick<Raster, "width" | "height">,
  longSide: number | undefined,
): Pick<Raster, "width" | "height"> {
  if (longSide === undefined || Math.max(width, height) <= longSide) return { width, height };
  const [reducedWidth, reducedHeight] = sizeOfLongSide(width, height, longSide);
  return { width: reducedWidth, height: reducedHeight };
}
