import * as tf from "@tensorflow/tfjs";

/**
 * Size of a map at a scale.
 *
 * @param size height and width
 * @param scale in (0, 1]
 * @returns rounded down as PyTorch does it, at least a pixel
 */
export function reducedSize(
  [height, width]: readonly [number, number],
  scale: number,
): readonly [number, number] {
  const side = (length: number) => Math.max(Math.floor(length * scale), 1);
  return [side(height), side(width)];
}

/**
 * Resizes a map by nearest neighbour as PyTorch's `interpolate(mode="nearest")`: the pixel at the upper left of each place. No
 * gradient goes through.
 *
 * @param map `[N,H,W,C]` float32
 * @param size `[height, width]` of the result
 * @returns `[N,height,width,C]`
 */
export function nearest(map: tf.Tensor4D, size: readonly [number, number]): tf.Tensor4D {
  return tf.tidy(() =>
    size.reduce<tf.Tensor4D>((whole, length, i) => {
      const axis = i + 1, from = whole.shape[axis]!;
      if (length === from) return whole;
      const indices = Int32Array.from({ length }, (_, at) => Math.floor(at * from / length));
      return tf.gather(whole, tf.tensor1d(indices, "int32"), axis);
    }, map)
  );
}
