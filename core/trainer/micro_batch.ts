import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batch.ts";
import type { TensorBatch } from "../contracts/method.ts";

/** Consecutive samples of a batch that are on the device together. */
export interface MicroBatch {
  /** Some samples of a batch. */
  readonly batch: Batch;
  /** First row. */
  readonly from: number;
  /** Row after the last. */
  readonly to: number;
  /** Its part of the batch: gradients of means, times this, add up to those of the whole batch's mean. */
  readonly share: number;
}

/**
 * Splits a batch into micro-batches.
 *
 * @param batch N samples
 * @param size rows a micro-batch; the last may have fewer
 * @returns the micro-batches in order
 */
export function microBatches(batch: Batch, size: number): MicroBatch[] {
  const count = batch.names.length;
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const from = i * size, to = Math.min(from + size, count);
    return { batch, from, to, share: (to - from) / count };
  });
}

/**
 * Picks the micro-batches of a batch whose samples are here.
 *
 * @param micros all of a batch
 * @returns those that this rank computes, in order
 */
export function ownMicroBatches(micros: readonly MicroBatch[]): readonly MicroBatch[] {
  return micros.filter(({ batch: { rows }, from, to }) =>
    rows === undefined || from >= rows.from && to <= rows.to
  );
}

/**
 * Uploads a micro-batch.
 *
 * @param micro rows of a batch
 * @returns `image` `[n,H,W,3]`, `label` `[n,C]`, `mask` `[n,H,W]` int32 where the batch has one, its maps `[n,H,W,K]` by name; owned by the caller
 */
export function tensorBatch({ batch, from, to }: MicroBatch): TensorBatch {
  const [, height, width, channels] = batch.shape;
  const count = to - from, pixels = height * width;
  const first = from - (batch.rows?.from ?? 0);
  const part = <T extends Float32Array | Uint8Array>(data: T, each: number) =>
    data.subarray(first * each, (first + count) * each) as T;
  const image = part(batch.image, pixels * channels);
  const label = part(batch.label, batch.classes);
  const maps = Object.entries(batch.maps ?? {}).map(([name, map]) => [
    name,
    tf.tensor4d(part(map.data, pixels * map.channels), [count, height, width, map.channels]),
  ]);
  const mask = batch.mask && part(batch.mask, pixels);
  return {
    image: tf.tensor4d(image, [count, height, width, channels]),
    targets: {
      ...Object.fromEntries(maps),
      label: tf.tensor2d(label, [count, batch.classes]),
      ...mask && { mask: tf.tensor3d(Int32Array.from(mask), [count, height, width], "int32") },
    },
  };
}
