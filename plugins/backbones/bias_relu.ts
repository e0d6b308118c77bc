import * as tf from "@tensorflow/tfjs";

/**
 * ReLU of a biased convolution's output. Composed of `tf.add` and `tf.relu` it would keep two more arrays of the activation's
 * size for the backward pass; this keeps only its result, which the next layer keeps anyway.
 *
 * @param x `[N,H,W,C]` float32
 * @param bias `[C]`
 * @returns `relu(x + bias)`; the gradient at 0 is 0, as PyTorch's
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { biasRelu } from "./bias_relu.ts";
 * const x = tf.tensor4d([1, -3], [1, 1, 1, 2]);
 * assertEquals([...biasRelu(x, tf.tensor1d([1, 1])).dataSync()], [2, 0]);
 * ```
 */
export function biasRelu(x: tf.Tensor4D, bias: tf.Tensor): tf.Tensor4D {
  const layer = tf.customGrad((...args) => {
    const [input, shift, save] = args as [tf.Tensor4D, tf.Tensor1D, tf.GradSaveFunc];
    const value = tf.relu(tf.add<tf.Tensor4D>(input, shift));
    save([value]);
    const gradFunc = (dy: tf.Tensor4D, [y]: tf.Tensor[]) => {
      const dx = tf.mul<tf.Tensor4D>(dy, tf.step(y!));
      return [dx, tf.sum(dx, [0, 1, 2])];
    };
    return { value, gradFunc };
  });
  return layer(x, bias);
}
