/** Number of example images that estimates use. */
const EXAMPLES = 4;

/**
 * Chooses a few images of a split, spread evenly over it.
 *
 * @param images of the split
 * @returns their indices, four where there are as many
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exampleImages } from "seamstress/wsss";
 * assertEquals(exampleImages(10), [0, 2, 5, 7]);
 * assertEquals(exampleImages(3), [0, 1, 2]);
 * ```
 */
export function exampleImages(images: number): readonly number[] {
  const count = Math.min(EXAMPLES, images);
  return Array.from({ length: count }, (_, i) => Math.floor(i * images / count));
}
