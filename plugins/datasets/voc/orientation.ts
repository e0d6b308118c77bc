import { exifOrientation } from "seamstress";

/**
 * What a message about an image and its mask must add where the image's EXIF says that it is to be turned: a mask drawn on what a
 * viewer shows does not fit the pixels that are read.
 *
 * @param image the file's bytes, or its beginning
 * @returns the tail of a message; empty where it is upright
 */
export function orientationRemark(image: Uint8Array): string {
  const orientation = exifOrientation(image);
  if (orientation === 1) return "";
  return `; its EXIF orientation ${orientation} is not applied: save the image upright, or the mask as the pixels lie`;
}
