import * as tf from "@tensorflow/tfjs";
import { withoutGradient } from "../gradient/without_gradient.ts";

/** Which element each of `to` elements is: PyTorch's rule, whose products are of float32 and may lie a little below an integer. */
function sources(from: number, to: number): tf.Tensor1D {
  const scale = Math.fround(from / to);
  const indices = Int32Array.from({ length: to }, (_, i) => Math.floor(Math.fround(i * scale)));
  return tf.tensor1d(indices.map((index) => Math.min(index, from - 1)), "int32");
}

/**
 * Resizes by nearest neighbour as PyTorch's `interpolate(mode="nearest")` to a size: each pixel is the one at the upper left of its
 * place. No gradient goes through. Masks and maps that are images are resized as Pillow does it, by `resizeNearest` of `seamstress`,
 * which takes the middle of the place.
 *
 * @param map `[N,H,W,C]`
 * @param size `[height, width]` of the result, both >= 1
 * @returns `[N,height,width,C]`
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { interpolateNearest } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const x = tf.tensor4d([0, 1, 2, 3, 4], [1, 1, 5, 1]);
 * assertEquals([...interpolateNearest(x, [1, 2]).dataSync()], [0, 2]);
 * ```
 */
export function interpolateNearest(
  map: tf.Tensor4D,
  [height, width]: readonly [number, number],
): tf.Tensor4D {
  return tf.tidy(() =>
    withoutGradient(() => {
      const rows = tf.gather(map, sources(map.shape[1], height), 1);
      return tf.gather(rows, sources(map.shape[2], width), 2);
    })
  );
}
