import type * as tf from "@tensorflow/tfjs";
import { isBackward, storedInHalf, storesActivations } from "../precision.ts";

/**
 * Half-precision rule of feature maps: stored in half where activations are.
 *
 * @returns whether they are now
 */
export const asActivations = (): boolean => storesActivations();

/**
 * Half-precision rule of sums, products and masks of feature maps. In the forward pass heads and losses compute in float32. In the
 * backward pass, where gradients of feature maps are added or masked, the result is stored in half if activations are and an input
 * of the same shape is: these gradients were already rounded, and float32 would double their size again.
 *
 * @param inputs of the kernel
 * @param _attributes not read
 * @param shape of the result
 * @returns whether the result is stored in half
 */
export function asNeighbours(
  inputs: Readonly<Record<string, tf.TensorInfo | undefined>>,
  _attributes: object,
  shape: readonly number[],
): boolean {
  return storesActivations() ||
    isBackward() &&
      Object.values(inputs).some((input) =>
        input !== undefined && input.shape.join() === shape.join() && storedInHalf(input)
      );
}
