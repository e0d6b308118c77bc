import type { Group } from "seamstress";
import type { Batch } from "seamstress/wsss";
import type { Size } from "./problem.ts";

/**
 * Images that a rank has on its device at a time.
 *
 * @param size of the step
 * @param ranks that share it
 * @returns as many as on one rank, or its share of the batch where that is less
 */
export function microSize({ batch, micro }: Size, ranks: number): number {
  return Math.min(micro, batch / ranks);
}

/**
 * Takes a rank's consecutive samples out of a batch.
 *
 * @param batch all of it
 * @param group as the rank sees it
 * @returns the same batch without the others' images and labels
 */
export function ownBatch(batch: Batch, { rank, size }: Pick<Group, "rank" | "size">): Batch {
  const { shape: [samples, ...image], classes } = batch;
  const each = samples / size, from = rank * each, to = from + each;
  const part = (data: Float32Array, length: number) => data.subarray(from * length, to * length);
  return {
    ...batch,
    rows: { from, to },
    shape: [each, ...image],
    image: part(batch.image, image.reduce((product, length) => product * length, 1)),
    label: part(batch.label, classes),
  };
}
