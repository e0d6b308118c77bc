import * as tf from "@tensorflow/tfjs";
import { userError } from "../../../core/errors.ts";
import { interpolate } from "./interpolate.ts";

/**
 * Bilinear resize as PyTorch's `interpolate(mode="bilinear")`, without antialiasing, with its exact gradient.
 *
 * @param x `[N,H,W,C]` float32
 * @param size `[height, width]` of the result, both >= 1
 * @param alignCorners PyTorch's `align_corners`
 * @returns `[N,height,width,C]` float32
 * @throws RangeError where the size is not two integers >= 1
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { resizeBilinear } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const x = tf.tensor4d([0, 2, 4, 6], [1, 2, 2, 1]);
 * assertEquals([...await resizeBilinear(x, [1, 3], true).data()], [0, 1, 2]);
 * assertEquals([...await resizeBilinear(x, [1, 1], false).data()], [3]);
 * ```
 */
export function resizeBilinear(
  x: tf.Tensor4D,
  size: readonly [number, number],
  alignCorners: boolean,
): tf.Tensor4D {
  if (!size.every((pixels) => Number.isInteger(pixels) && pixels >= 1)) {
    throw userError(
      new RangeError(`Cannot resize to ${size.join("x")}: height and width must be integers >= 1`),
    );
  }
  const from = [x.shape[1], x.shape[2]] as const;
  const alignment = alignCorners ? "corners" : "half-pixel";
  const resize = tf.customGrad((image) => ({
    value: interpolate(image as tf.Tensor4D, from, size, alignment, "forward"),
    gradFunc: (dy: tf.Tensor) => interpolate(dy as tf.Tensor4D, from, size, alignment, "backward"),
  }));
  return resize(x) as tf.Tensor4D;
}
