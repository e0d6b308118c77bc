import { type ByteSource, isUserError, messageOf, userError } from "seamstress";
import type { AnnotationFile, CocoObject } from "./annotation_file.ts";
import { type Overlaps, paint, type Painted } from "./paint.ts";
import { parseSegmentation, regionOf, type Segmentation } from "./segmentation.ts";

/** Most bytes of the objects of one image. */
const MOST_BYTES = 2 ** 26;

/** How objects become masks. */
export interface MaskOptions {
  /** By category, from 0: the mask value. */
  readonly values: readonly number[];
  /** By category: whether a crowd of it is ignored (255). Of others a crowd is nothing. */
  readonly crowds: readonly boolean[];
  readonly overlaps: Overlaps;
  /** Most pixels of a mask, the recipe's `limits.pixels`. */
  readonly limit: number;
}

/** Throws with the file, the image and the object where something is wrong. */
function named<T>(annotations: AnnotationFile, image: number, object: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isUserError(error) && !(error instanceof RangeError)) throw error;
    const { file } = annotations.images[image]!;
    const of = object < 0 ? "" : `annotation ${object}, `;
    throw userError(
      new RangeError(
        `Cannot use COCO annotations ${annotations.path}: ${of}image ${file.slice(0, 100)}: ${
          messageOf(error)
        }`,
      ),
    );
  }
}

/**
 * Reads the objects of an image as the file has them.
 *
 * @param annotations the file
 * @param image place in its images
 * @param source the file's bytes
 * @param limit most pixels of a mask
 * @returns JSON of each object's pixels; undefined where it has none
 * @throws {RangeError} naming file and image where it is too large
 */
export function readTexts(
  annotations: AnnotationFile,
  image: number,
  source: ByteSource,
  limit: number,
): readonly (string | undefined)[] {
  checkSize(annotations, image, limit);
  return annotations.objectsOf(image).map(({ start, length }) =>
    start < 0 ? undefined : new TextDecoder().decode(source.read(start, start + length))
  );
}

/**
 * Fails where an image or its objects are larger than what is read; nothing is read for it.
 *
 * @param annotations the file
 * @param image place in its images
 * @param limit most pixels of a mask
 * @throws {RangeError} naming file and image
 */
export function checkSize(annotations: AnnotationFile, image: number, limit: number): void {
  const { height, width } = annotations.images[image]!;
  const bytes = annotations.objectsOf(image).reduce((sum, { length }) => sum + length, 0);
  named(annotations, image, -1, () => {
    if (height * width > limit) {
      throw new RangeError(`it has ${height * width} pixels, limits.pixels is ${limit}`);
    }
    if (bytes > MOST_BYTES) {
      throw new RangeError(`its objects take ${bytes} bytes, at most ${MOST_BYTES} are read`);
    }
  });
}

/**
 * Checks the objects of an image, without drawing them.
 *
 * @param annotations the file
 * @param image place in its images
 * @param texts of {@linkcode readTexts}
 * @returns each object with its pixels
 * @throws {RangeError} naming file, image and object where one is broken
 */
export function parseObjects(
  annotations: AnnotationFile,
  image: number,
  texts: readonly (string | undefined)[],
): readonly (readonly [CocoObject, Segmentation])[] {
  return annotations.objectsOf(image).map((object, i) =>
    named(annotations, image, object.index, () => {
      const text = texts[i];
      if (text === undefined) throw new RangeError("it has no segmentation");
      return [object, parseSegmentation(text, annotations.images[image]!)];
    })
  );
}

/**
 * Makes the mask of an image.
 *
 * @param annotations the file
 * @param image place in its images
 * @param texts of {@linkcode readTexts}
 * @param options how objects become masks
 * @returns `[H,W]` uint8 class numbers; 255 where only a crowd is
 * @throws {RangeError} naming file, image and object where one is broken
 */
export function makeMask(
  annotations: AnnotationFile,
  image: number,
  texts: readonly (string | undefined)[],
  { values, crowds, overlaps }: MaskOptions,
): Uint8Array {
  const size = annotations.images[image]!;
  const objects = parseObjects(annotations, image, texts);
  return named(annotations, image, -1, () => {
    const painted = objects.flatMap(([{ category, crowd }, segmentation]): Painted[] => {
      if (crowd && !crowds[category]) return [];
      const value = crowd ? 255 : values[category]!;
      return [{ region: regionOf(segmentation, size), value, below: crowd }];
    });
    return paint(painted, size, overlaps);
  });
}
