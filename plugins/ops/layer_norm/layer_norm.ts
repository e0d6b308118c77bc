import * as tf from "@tensorflow/tfjs";
import { inFloat32 } from "../precision.ts";

/** What a layer normalisation trains; `[C]` each. */
export interface LayerNormVariables {
  /** Scale of every channel. */
  readonly weight: tf.Tensor;
  /** Added after scaling. */
  readonly bias: tf.Tensor;
}

/** Mean over channels, `[N,H,W,1]`. */
const meanOf = (x: tf.Tensor4D) => tf.mean<tf.Tensor4D>(x, 3, true);

/** Sums over samples, rows and columns, one axis at a time: in float32 such short sums lose less than a single long one. */
const sumOf = (x: tf.Tensor4D) => tf.sum<tf.Tensor1D>(tf.sum(tf.sum(x, 2), 1), 0);

/**
 * Layer normalisation over channels (Ba et al., arXiv 1607.06450), as PyTorch's `layer_norm` over the last axis: each position is
 * normalised by its own mean and biased variance; gradients pass through both. For the backward pass it keeps `x` and a number or two a
 * position. Computed in float32 where maps are stored in float16.
 *
 * @param x `[N,H,W,C]` float32, such as tokens `[N,1,T,C]`
 * @param variables of the layer
 * @param epsilon added to the variance
 * @returns `(x - mean) / sqrt(variance + epsilon) * weight + bias`, `[N,H,W,C]`
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 * import { layerNorm } from "seamstress/ops";
 * const variables = { weight: tf.tensor1d([1, 2]), bias: tf.tensor1d([0, 1]) };
 * const [a, b] = layerNorm(tf.tensor4d([3, 5], [1, 1, 1, 2]), variables, 1e-6).dataSync();
 * assertAlmostEquals(a!, -1, 1e-4);
 * assertAlmostEquals(b!, 3, 1e-4);
 * ```
 */
export function layerNorm(
  x: tf.Tensor4D,
  { weight, bias }: LayerNormVariables,
  epsilon: number,
): tf.Tensor4D {
  const layer = tf.customGrad((...args) => {
    const [input, scale, shift, save] = args as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const [value, mean, inverse] = inFloat32(() =>
      tf.tidy(() => {
        const mean = meanOf(input);
        const centred = tf.sub<tf.Tensor4D>(input, mean);
        const inverse = tf.rsqrt(tf.add(meanOf(tf.square(centred)), epsilon));
        const unit = tf.mul<tf.Tensor4D>(centred, inverse);
        return [tf.add<tf.Tensor4D>(tf.mul(unit, scale), shift), mean, inverse];
      })
    ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    save([input, mean, inverse, scale]);
    const gradFunc = (dy: tf.Tensor4D, saved: tf.Tensor[]) =>
      inFloat32(() => tf.tidy(() => gradientsOf(dy, saved as tf.Tensor4D[])));
    return { value, gradFunc };
  });
  return layer(x, weight, bias);
}

/** Gradients of x, weight and bias, of what the forward pass saved. */
function gradientsOf(dy: tf.Tensor4D, saved: readonly tf.Tensor4D[]): tf.Tensor[] {
  const [x, mean, inverse, weight] = saved;
  const unit = tf.mul<tf.Tensor4D>(tf.sub(x!, mean!), inverse!);
  const slope = tf.mul<tf.Tensor4D>(dy, weight!);
  const along = tf.mul(unit, meanOf(tf.mul(slope, unit)));
  const dx = tf.mul(tf.sub(tf.sub(slope, meanOf(slope)), along), inverse!);
  return [dx, sumOf(tf.mul(dy, unit)), sumOf(dy)];
}
