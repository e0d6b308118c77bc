import { userError } from "../../core/errors.ts";
import type { Raster } from "../../core/data/sample.ts";

/**
 * The pixels of an image that has not been normalised yet.
 *
 * @param raster image of any number of channels
 * @param transform name of the transform that asks, for the message
 * @returns the raster's own uint8 pixels, 0..255
 * @throws {TypeError} where the pixels are float32, which means that the recipe lists the transform after `normalize`
 */
export function uint8Pixels(raster: Raster, transform: string): Uint8Array {
  if (raster.data instanceof Uint8Array) return raster.data;
  throw userError(
    new TypeError(
      `Cannot apply the transform ${transform} to normalised pixels: list ${transform} before normalize`,
    ),
  );
}
