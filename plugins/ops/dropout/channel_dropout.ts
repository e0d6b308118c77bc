import * as tf from "@tensorflow/tfjs";
import { userError } from "../../../core/errors.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";

/**
 * Drops whole channels of each sample and scales the others by 1 / (1 − rate): PyTorch's `Dropout2d`. The mask of a sample comes
 * from its own stream, so it does not change with the micro-batch.
 *
 * @param x `[N,H,W,C]` float32
 * @param rate probability that a channel is dropped, 0 .. 1, 1 excluded
 * @param context says whether the network trains, and has the random streams of each sample
 * @param purpose name of the layer, unique within the forward pass
 * @returns `[N,H,W,C]`; `x` itself in inference
 * @throws RangeError where the rate is outside its range
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { inference } from "seamstress";
 * import { channelDropout } from "seamstress/ops";
 * const x = tf.ones([1, 2, 2, 3]) as tf.Tensor4D;
 * assertEquals(channelDropout(x, 0.5, inference, "dropout7"), x);
 * ```
 */
export function channelDropout(
  x: tf.Tensor4D,
  rate: number,
  context: ForwardContext,
  purpose: string,
): tf.Tensor4D {
  if (!(rate >= 0 && rate < 1)) {
    throw userError(
      new RangeError(`Cannot drop channels at rate ${rate}: the rate must be >= 0 and < 1`),
    );
  }
  if (!context.training || rate === 0) return x;
  const [samples, , , channels] = x.shape;
  const mask = new Float32Array(samples * channels);
  for (let sample = 0; sample < samples; sample++) {
    const rng = context.rng(sample, purpose);
    for (let c = 0; c < channels; c++) {
      mask[sample * channels + c] = rng.float() < rate ? 0 : 1 / (1 - rate);
    }
  }
  return tf.tidy(() => tf.mul(x, tf.tensor4d(mask, [samples, 1, 1, channels])));
}
