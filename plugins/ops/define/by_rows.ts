import * as tf from "@tensorflow/tfjs";
import { evenRanges } from "../webgpu/even_ranges.ts";

/**
 * Computes `[N,P,·]` from `[N,P,·]` one block of rows at a time, so that no P x P array is ever stored as a whole.
 *
 * @param shape N and P
 * @param blockBytes memory that a `[N,block,P]` float32 array may take
 * @param compute computes a block of the result; `rows` slices the block's rows from an array
 * @returns the result
 */
export function byRows(
  [samples, pixels]: readonly number[],
  blockBytes: number,
  compute: (rows: (whole: tf.Tensor3D) => tf.Tensor3D) => tf.Tensor3D,
): tf.Tensor3D {
  const most = Math.max(Math.floor(blockBytes / (4 * samples! * pixels!)), 1);
  const blocks = evenRanges(pixels!, most).map(({ from, count }) =>
    tf.tidy(() =>
      compute((whole) => count === pixels ? whole : whole.slice([0, from, 0], [-1, count, -1]))
    )
  );
  return tf.concat(blocks, 1);
}
