import type * as tf from "@tensorflow/tfjs";
import { isBackward, storedInHalf, storesActivations } from "../precision.ts";

/**
 * Of a feature map: stored in half where activations are.
 *
 * @returns whether they are now
 */
export const asActivations = (): boolean => storesActivations();

/**
 * Of sums, products and masks of maps: stored in half where activations are, and on the way back where an input of the same shape is.
 * There, gradients of maps add up, or pass a mask: they were rounded before, and would take their full size again. On the way forward,
 * heads and losses compute in float32.
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
