import { exifOrientation } from "seamstress";

/**
 * Returns a hint for error messages where the image has an EXIF orientation: a mask that was drawn on the rotated image in a
 * viewer does not match the pixels as stored.
 *
 * @param image the file's bytes, or the first of them
 * @returns the end of a message; empty where the image is upright
 */
export function orientationRemark(image: Uint8Array): string {
  const orientation = exifOrientation(image);
  if (orientation === 1) return "";
  return `; its EXIF orientation ${orientation} is not applied: save the image upright, or the mask as the pixels lie`;
}
