import { userError } from "../../../core/errors.ts";
import { fittingRadius, pairOffsets } from "./pairs.ts";

/**
 * Fails where a feature map is too small for any pair of pixels.
 *
 * @param action what cannot be done, for the message
 * @param image size of the images
 * @param map size of their feature map
 * @param stride pixels of an image a pixel of the map
 * @throws {RangeError} with the least size that has pairs
 */
export function checkPairMap(
  action: string,
  image: { readonly width: number; readonly height: number },
  map: { readonly width: number; readonly height: number },
  stride: number,
): void {
  if (pairOffsets(fittingRadius(map.height, map.width)).length > 0) return;
  const least = 4 * stride + 1;
  throw userError(
    new RangeError(
      `${action} from images of ${image.width}x${image.height} pixels: ` +
        `their feature map of ${map.width}x${map.height} has no pairs of pixels; it needs 5x5, ` +
        `which images of ${least}x${least} pixels give`,
    ),
  );
}
