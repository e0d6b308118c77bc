import type * as tf from "@tensorflow/tfjs";
import { userError } from "../../../core/errors.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import { maskSamples } from "./mask_samples.ts";

/**
 * Drops single values and scales the others by 1 / (1 − rate): PyTorch's `Dropout`. The mask of a sample comes from its own
 * stream, so it does not change with the micro-batch.
 *
 * @param x `[N,H,W,C]` float32
 * @param rate probability that a value is dropped, 0 .. 1, 1 excluded
 * @param context says whether the network trains, and has the random streams of each sample
 * @param purpose name of the layer, unique within the forward pass
 * @returns `[N,H,W,C]`; `x` itself in inference
 * @throws {RangeError} where the rate is outside its range
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { inference } from "seamstress";
 * import { dropout } from "seamstress/ops";
 * const x = tf.ones([1, 2, 2, 3]) as tf.Tensor4D;
 * assertEquals(dropout(x, 0.5, inference, "dropout1"), x);
 * ```
 */
export function dropout(
  x: tf.Tensor4D,
  rate: number,
  context: ForwardContext,
  purpose: string,
): tf.Tensor4D {
  if (!(rate >= 0 && rate < 1)) {
    throw userError(
      new RangeError(`Cannot drop values at rate ${rate}: the rate must be >= 0 and < 1`),
    );
  }
  const [, height, width, channels] = x.shape;
  return maskSamples(x, [height, width, channels], rate, context, purpose);
}
