/**
 * Fails where a feature map has no such pixel.
 *
 * @param map its size
 * @param pixel y * width + x
 * @param doing what is done with the pixel, for the message: `compare`
 * @throws {RangeError} where there is no such pixel
 */
export function checkPixel(
  { width, height }: { readonly width: number; readonly height: number },
  pixel: number,
  doing: string,
): void {
  if (Number.isInteger(pixel) && pixel >= 0 && pixel < width * height) return;
  throw new RangeError(
    `Cannot ${doing} pixel ${pixel}: the feature map is ${width}x${height}, its pixels are 0 to ${
      width * height - 1
    }`,
  );
}
