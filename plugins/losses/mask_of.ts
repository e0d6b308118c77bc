import type * as tf from "@tensorflow/tfjs";
import type { LossInput } from "seamstress";

/** Label of pixels that are none of the classes, or not surely. */
export const IGNORED = 255;

/**
 * The masks that a loss compares scores with.
 *
 * @param input what the loss was given
 * @param scores `[N,H,W,K]`
 * @param loss its name, for the message
 * @returns `[N,H,W]` int32
 * @throws {Error} where the method gave none, or of another size: a defect of the method
 */
export function maskOf(
  { targets }: Pick<LossInput, "targets">,
  scores: tf.Tensor4D,
  loss: string,
): tf.Tensor3D {
  const mask = targets["mask"];
  if (mask === undefined) {
    const found = Object.keys(targets).join(", ");
    throw new Error(`Cannot compute the ${loss}: the method gave targets ${found}, no mask`);
  }
  const found = scores.shape.slice(0, 3).join("x");
  if (found !== mask.shape.join("x")) {
    throw new Error(
      `Cannot compare scores of ${found} pixels with a mask of ${mask.shape.join("x")}`,
    );
  }
  return mask as tf.Tensor3D;
}
