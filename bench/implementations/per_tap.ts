import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "seamstress/ops";

/**
 * The usual workaround for the gradient of a convolution where tfjs has none, as on wasm: one strided slice and one product per
 * kernel tap, zero-stuffing for the input.
 */
export const perTapGradient: tf.GradConfig = {
  kernelName: "Conv2D",
  inputsToSave: ["x", "filter"],
  gradFunc: (gradient, saved, attributes) => {
    const dy = gradient as tf.Tensor4D;
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const geometry = geometryOf(
      x.shape,
      filter.shape,
      attributes as unknown as ConvAttributes,
      false,
    );
    const { stride: [strides], pad: [[pad, after], [left, right]] } = geometry;
    const [n, h, w, c] = x.shape, [k, , , d] = filter.shape;
    const [, oh, ow] = dy.shape;
    return {
      x: () => {
        const flipped = filter.reverse([0, 1]).transpose<tf.Tensor4D>([0, 1, 3, 2]);
        const wide = tf.pad(dy.reshape<tf.Tensor3D>([n * oh * ow, 1, d]), [
          [0, 0],
          [0, strides - 1],
          [0, 0],
        ]).reshape<tf.Tensor3D>([n * oh, 1, ow * strides * d]);
        const image = tf.pad(wide, [[0, 0], [0, strides - 1], [0, 0]])
          .reshape<tf.Tensor4D>([n, oh * strides, ow * strides, d]);
        return tf.conv2d(image, flipped, 1, [
          [0, 0],
          [k - 1 - pad, h - oh * strides + pad],
          [k - 1 - left, w - ow * strides + left],
          [0, 0],
        ]);
      },
      filter: () => {
        const padded = tf.pad(x, [[0, 0], [pad, after], [left, right], [0, 0]])
          .transpose<tf.Tensor4D>([3, 0, 1, 2]);
        const flat = dy.reshape<tf.Tensor2D>([-1, d]);
        const taps: tf.Tensor2D[] = [];
        for (let i = 0; i < k; i++) {
          for (let j = 0; j < k; j++) {
            const end = [c, n, i + (oh - 1) * strides + 1, j + (ow - 1) * strides + 1];
            const pixels = strides === 1
              ? tf.slice(padded, [0, 0, i, j], [c, n, oh, ow])
              : tf.stridedSlice(padded, [0, 0, i, j], end, [1, 1, strides, strides]);
            taps.push(tf.matMul(pixels.reshape<tf.Tensor2D>([c, n * oh * ow]), flat));
          }
        }
        return tf.concat(taps, 0).reshape([k, k, c, d]);
      },
    };
  },
};
