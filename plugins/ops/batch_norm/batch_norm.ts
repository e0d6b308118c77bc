import * as tf from "@tensorflow/tfjs";
import { inFloat32 } from "../precision.ts";
import { userError } from "../../../core/errors.ts";
import { type Activation, NORM_EPSILON, normalized, passing } from "../frozen_norm/normalized.ts";

/** What a batch normalisation trains and follows; `[C]` each. */
export interface BatchNormVariables {
  /** Scale of every channel, `[C]`. */
  readonly weight: tf.Tensor;
  /** Added after scaling, `[C]`. */
  readonly bias: tf.Tensor;
  /** Follows the mean of what is seen. */
  readonly runningMean: tf.Variable;
  /** Follows its variance, unbiased. */
  readonly runningVariance: tf.Variable;
}

/** Sums over samples, rows and columns, one axis at a time: in float32 such short sums lose less than a single long one. */
function sumOverPixels(x: tf.Tensor4D): tf.Tensor1D {
  return tf.sum(tf.sum(tf.sum(x, 2), 1), 0);
}

function follow(running: tf.Variable, found: tf.Tensor, momentum: number): void {
  running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(found, momentum)));
}

/** Results of the forward pass. */
interface Found {
  readonly mean: tf.Tensor1D;
  /** Biased. */
  readonly variance: tf.Tensor1D;
  /** x - mean. */
  readonly centred: tf.Tensor4D;
}

/** Every channel's statistics; the running ones follow, where they move now. */
function statisticsOf(
  x: tf.Tensor4D,
  count: number,
  { runningMean, runningVariance }: BatchNormVariables,
  momentum: number,
): Found {
  const [mean, variance, centred] = tf.tidy(() => {
    const mean = tf.div<tf.Tensor1D>(sumOverPixels(x), count);
    const centred = tf.sub<tf.Tensor4D>(x, mean);
    const squares = sumOverPixels(tf.square(centred));
    if (momentum > 0) {
      follow(runningMean, mean, momentum);
      follow(runningVariance, tf.div(squares, count - 1), momentum);
    }
    return [mean, tf.div<tf.Tensor1D>(squares, count), centred] as const;
  });
  return { mean, variance, centred };
}

/**
 * Batch normalisation in training, and its activation: PyTorch's `batch_norm(training=True)`. Each channel is normalised by its own
 * mean and biased variance over the samples and positions of `x`; gradients pass through both. The running statistics move towards
 * them by `momentum`, the variance unbiased, once for each call (forward, not backward).
 *
 * For the backward pass it keeps `x` and the result, which the next layer keeps anyway. Statistics and gradients are float32 where
 * maps are stored in half.
 *
 * @param x `[N,H,W,C]` float32, at least two values per channel
 * @param variables of the layer; the running ones are written
 * @param momentum part of the running statistics that is replaced, 0..1: PyTorch's, so small means slow; 0 leaves them untouched,
 *   whatever the batch holds
 * @param activation applied after the normalisation
 * @returns `activation((x - mean) / sqrt(var + 1e-5) * weight + bias)`, `[N,H,W,C]`
 * @throws {RangeError} where a channel has one value, which has no variance
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { batchNorm } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const variables = {
 *   weight: tf.tensor1d([2]),
 *   bias: tf.tensor1d([1]),
 *   runningMean: tf.variable(tf.tensor1d([0])),
 *   runningVariance: tf.variable(tf.tensor1d([1])),
 * };
 * const y = await batchNorm(tf.tensor4d([3, 5], [2, 1, 1, 1]), variables, 0.5).data();
 * assertAlmostEquals(y[0]!, -1, 1e-4);
 * assertAlmostEquals(y[1]!, 3, 1e-4);
 * assertEquals([...await variables.runningMean.data()], [2]);
 * assertEquals([...await variables.runningVariance.data()], [1.5]);
 * ```
 */
export function batchNorm(
  x: tf.Tensor4D,
  variables: BatchNormVariables,
  momentum: number,
  activation: Activation = "none",
): tf.Tensor4D {
  const [samples, height, width] = x.shape;
  const count = samples * height * width;
  if (count < 2) {
    throw userError(
      new RangeError(
        `Cannot normalise a batch of [${x.shape}]: a channel of ${count} value has no variance; ` +
          "use more samples or larger images",
      ),
    );
  }
  const layer = tf.customGrad((...args) => {
    const [input, weight, bias, save] = args as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const find = () => statisticsOf(input, count, variables, momentum);
    const { mean, variance, centred } = inFloat32(find);
    // Of what is centred: x·scale + shift, as wasm computes it, would lose what far from 0 lies near together.
    const vectors = { mean: tf.zerosLike(mean), variance, weight, bias };
    const value = normalized(centred, vectors, activation);
    centred.dispose();
    save([input, mean, variance, weight, ...activation === "none" ? [] : [value]]);
    const gradFunc = (dy: tf.Tensor4D, saved: tf.Tensor[]) =>
      inFloat32(() => tf.tidy(() => gradientsOf(dy, saved, activation)));
    return { value, gradFunc };
  });
  return layer(x, variables.weight, variables.bias) as tf.Tensor4D;
}

/** Gradients of x, weight and bias, of what the forward pass saved. */
function gradientsOf(
  dy: tf.Tensor4D,
  saved: readonly tf.Tensor[],
  activation: Activation,
): tf.Tensor[] {
  const [x, mean, variance, weight, y] = saved;
  const slope = activation === "none" ? dy : tf.mul<tf.Tensor4D>(dy, passing(y!, activation));
  const inverse = tf.rsqrt(tf.add(variance!, NORM_EPSILON));
  const unit = tf.mul<tf.Tensor4D>(tf.sub(x!, mean!), inverse);
  const dBias = sumOverPixels(slope);
  const dWeight = sumOverPixels(tf.mul(slope, unit));
  const common = tf.add(dBias, tf.mul(unit, dWeight));
  const centred = tf.sub(slope, tf.div(common, x!.size / x!.shape[3]!));
  return [tf.mul(centred, tf.mul(weight!, inverse)), dWeight, dBias];
}
