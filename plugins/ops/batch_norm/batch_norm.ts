import * as tf from "@tensorflow/tfjs";
import { mistake } from "../../../core/errors.ts";

/** PyTorch's default `eps`. */
const EPSILON = 1e-5;

/** What a batch normalisation trains and follows; `[C]` each. */
export interface BatchNormVariables {
  readonly weight: tf.Tensor;
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

/**
 * Batch normalisation in training: PyTorch's `batch_norm(training=True)`. Each channel is normalised by its own mean and biased
 * variance over the samples and positions of `x`; gradients pass through both. The running statistics move towards them by
 * `momentum`, the variance unbiased, once for each call: forward, not backward.
 *
 * @param x `[N,H,W,C]` float32, at least two values a channel
 * @param variables of the layer; the running ones are written
 * @param momentum part of the running statistics that is replaced, 0..1: PyTorch's, so small means slow
 * @returns `(x - mean) / sqrt(var + 1e-5) * weight + bias`, `[N,H,W,C]`
 * @throws {RangeError} where a channel has one value, which has no variance
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { batchNorm } from "./batch_norm.ts";
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
): tf.Tensor4D {
  const [samples, height, width] = x.shape;
  const count = samples * height * width;
  if (count < 2) {
    throw mistake(
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
    const mean = tf.div(sumOverPixels(input), count);
    const centred = tf.sub<tf.Tensor4D>(input, mean);
    const squares = sumOverPixels(tf.square(centred));
    follow(variables.runningMean, mean, momentum);
    follow(variables.runningVariance, tf.div(squares, count - 1), momentum);
    const inverse = tf.rsqrt(tf.add(tf.div(squares, count), EPSILON));
    const normalised = tf.mul<tf.Tensor4D>(centred, inverse);
    save([normalised, tf.mul(weight, inverse)]);
    const gradFunc = (dy: tf.Tensor4D, saved: tf.Tensor[]) =>
      tf.tidy(() => {
        const [unit, scale] = saved as [tf.Tensor4D, tf.Tensor1D];
        const dBias = sumOverPixels(dy);
        const dWeight = sumOverPixels(tf.mul(dy, unit));
        const common = tf.add(dBias, tf.mul(unit, dWeight));
        return [tf.mul(tf.sub(dy, tf.div(common, count)), scale), dWeight, dBias];
      });
    return { value: tf.add<tf.Tensor4D>(tf.mul(normalised, weight), bias), gradFunc };
  });
  return layer(x, variables.weight, variables.bias) as tf.Tensor4D;
}
