import * as tf from "@tensorflow/tfjs";
import { inFloat32 } from "../precision.ts";
import { userError } from "../../../core/errors.ts";
import { type Activation, NORM_EPSILON, normalized, passing } from "../frozen_norm/normalized.ts";

/** Parameters and running statistics of a batch normalisation, `[C]` each. */
export interface BatchNormVariables {
  /** Scale of every channel. */
  readonly weight: tf.Tensor;
  /** Added after scaling. */
  readonly bias: tf.Tensor;
  /** Running mean of the batches. */
  readonly runningMean: tf.Variable;
  /** Running variance of the batches, unbiased. */
  readonly runningVariance: tf.Variable;
}

/** Sums over samples, rows and columns, one axis at a time: in float32 such short sums lose less than a single long one. */
function sumOverPixels(x: tf.Tensor4D): tf.Tensor1D {
  return tf.sum(tf.sum(tf.sum(x, 2), 1), 0);
}

function update(running: tf.Variable, batch: tf.Tensor, momentum: number): void {
  running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum)));
}

/** Statistics of a batch, `[C]` each, and the centred batch. */
interface Statistics {
  readonly mean: tf.Tensor1D;
  /** Biased. */
  readonly variance: tf.Tensor1D;
  /** x - mean. */
  readonly centred: tf.Tensor4D;
}

/** Computes the statistics of every channel, and updates the running ones where the momentum is above 0. */
function statisticsOf(
  x: tf.Tensor4D,
  count: number,
  { runningMean, runningVariance }: BatchNormVariables,
  momentum: number,
): Statistics {
  const [mean, variance, centred] = tf.tidy(() => {
    const mean = tf.div<tf.Tensor1D>(sumOverPixels(x), count);
    const centred = tf.sub<tf.Tensor4D>(x, mean);
    const squares = sumOverPixels(tf.square(centred));
    if (momentum > 0) {
      update(runningMean, mean, momentum);
      update(runningVariance, tf.div(squares, count - 1), momentum);
    }
    return [mean, tf.div<tf.Tensor1D>(squares, count), centred] as const;
  });
  return { mean, variance, centred };
}

/**
 * Batch normalisation in training, and its activation: PyTorch's `batch_norm(training=True)`. Each channel is normalised by its own
 * mean and biased variance over the samples and positions of `x`; gradients pass through both. Each call (forward, not backward)
 * updates the running statistics once: `running · (1 - momentum) + batch · momentum`, with the unbiased variance.
 *
 * The backward pass needs `x` and, with an activation, the result, which the next layer keeps anyway. Statistics and gradients are
 * computed in float32 where feature maps are stored as float16.
 *
 * @param x `[N,H,W,C]` float32, at least two values per channel
 * @param variables of the layer; the running statistics are updated
 * @param momentum weight of the batch in the running statistics, 0..1, as PyTorch's; 0 leaves them untouched even by a batch of NaN
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
    // Normalises the centred values: x·scale + shift, as wasm computes it, loses digits where the mean is large beside the deviations.
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

/** Gradients towards x, weight and bias, from the tensors that the forward pass saved. */
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
