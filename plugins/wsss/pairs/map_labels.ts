import * as tf from "@tensorflow/tfjs";

/**
 * Reads masks at the middle of every pixel of the feature map.
 *
 * @param mask `[N,H,W]` int32
 * @param stride pixels of the mask a pixel of the map
 * @returns `[N,⌈H/stride⌉,⌈W/stride⌉]`
 */
export function mapLabels(mask: tf.Tensor3D, stride: number): tf.Tensor3D {
  const middles = (length: number) =>
    tf.tensor1d(
      Array.from(
        { length: Math.ceil(length / stride) },
        (_, i) => Math.min(i * stride + Math.floor(stride / 2), length - 1),
      ),
      "int32",
    );
  return tf.tidy(() =>
    tf.gather(tf.gather(mask, middles(mask.shape[1]), 1), middles(mask.shape[2]), 2)
  );
}
