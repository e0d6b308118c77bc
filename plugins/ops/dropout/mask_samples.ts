import * as tf from "@tensorflow/tfjs";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";

/**
 * Multiplies each sample by 0 at a given rate, and by 1 / (1 − rate) elsewhere. The mask of a sample comes from its own stream, so it does
 * not change with the micro-batch.
 *
 * @param x `[N,H,W,C]` float32
 * @param maskShape of one sample's mask, which is broadcast to its values
 * @param rate probability of 0, 0 .. 1, 1 excluded
 * @param context says whether the network trains, and has the random streams of each sample
 * @param purpose name of the layer, unique within the forward pass
 * @returns `[N,H,W,C]`; `x` itself in inference and at rate 0
 */
export function maskSamples(
  x: tf.Tensor4D,
  maskShape: readonly [height: number, width: number, channels: number],
  rate: number,
  context: ForwardContext,
  purpose: string,
): tf.Tensor4D {
  if (!context.training || rate === 0) return x;
  const samples = x.shape[0], values = tf.util.sizeFromShape([...maskShape]);
  const mask = new Float32Array(samples * values);
  for (let sample = 0; sample < samples; sample++) {
    const rng = context.rng(sample, purpose), end = (sample + 1) * values;
    for (let i = sample * values; i < end; i++) mask[i] = rng.float() < rate ? 0 : 1 / (1 - rate);
  }
  return tf.tidy(() => tf.mul(x, tf.tensor4d(mask, [samples, ...maskShape])));
}
