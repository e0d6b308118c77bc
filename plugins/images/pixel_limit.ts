import { userError } from "../../core/errors.ts";
import type { ImageSize } from "./image_size.ts";

/**
 * Refuses an image whose header states no pixels, or more than a run may hold: files of a few bytes can claim any extent, and a
 * decoder would allocate it. Decoders call this before they allocate; while they work they hold up to some 25 bytes per pixel.
 *
 * @param size what the header states
 * @param from the file's path, for messages
 * @param limit most pixels, the recipe's `limits.pixels`
 * @throws {RangeError} naming the file, its extent and the limit
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkPixels } from "./pixel_limit.ts";
 * checkPixels({ width: 500, height: 375 }, "photo.jpg", 187_500);
 * assertThrows(() => checkPixels({ width: 500, height: 376 }, "photo.jpg", 187_500), RangeError);
 * ```
 */
export function checkPixels({ width, height }: ImageSize, from: string, limit: number): void {
  if (width === 0 || height === 0) {
    throw userError(
      new RangeError(
        `Cannot decode ${from}: its header states ${width}x${height}, expected at least one pixel`,
      ),
    );
  }
  const pixels = width * height;
  if (pixels <= limit) return;
  throw userError(
    new RangeError(
      `Cannot decode ${from}: its header states ${width}x${height}, ${count(pixels)} pixels, ` +
        `at most ${
          count(limit)
        } are valid; raise the recipe's limits.pixels if the image is so large`,
    ),
  );
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
