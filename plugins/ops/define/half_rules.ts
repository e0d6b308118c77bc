import type * as tf from "@tensorflow/tfjs";
import { isBackward, storedInHalf, storesActivations } from "../precision.ts";

/**
 * Half-precision rule of feature maps: stored as float16 where activations are, that is in a backbone's forward pass.
 *
 * @returns whether activations are stored as float16 now
 */
export const asActivations = (): boolean => storesActivations();

/**
 * Half-precision rule of sums, products and masks of feature maps. In the forward pass the result is stored as float16 where
 * activations are; heads and losses compute in float32. In the backward pass, where gradients of feature maps are added or masked, it
 * is stored as float16 where an input of the same shape is: that gradient was already rounded, and float32 would double the size.
 *
 * @param inputs of the kernel
 * @param _attributes not read
 * @param shape of the result
 * @returns whether the result is stored as float16
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
