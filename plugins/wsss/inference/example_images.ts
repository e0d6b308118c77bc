/** Number of example images that estimates use. */
const EXAMPLES = 4;

/**
 * Chooses some images of a split, spread evenly over it.
 *
 * @param images of the split
 * @param wanted how many; as many as estimates look at where not given
 * @returns their indices, all where there are fewer
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exampleImages } from "seamstress/wsss";
 * assertEquals(exampleImages(10), [0, 2, 5, 7]);
 * assertEquals(exampleImages(10, 3), [0, 3, 6]);
 * assertEquals(exampleImages(3), [0, 1, 2]);
 * ```
 */
export function exampleImages(images: number, wanted = EXAMPLES): readonly number[] {
  const count = Math.min(wanted, images);
  return Array.from({ length: count }, (_, i) => Math.floor(i * images / count));
}
