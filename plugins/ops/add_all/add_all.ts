import * as tf from "@tensorflow/tfjs";

/**
 * Adds up any number of tensors, one after the other. `tf.addN` binds all of them at once on webgpu, where a kernel has 8 buffers
 * for sure and 32 on few devices: with more the device refuses the shader.
 *
 * @param tensors one or more of the same shape
 * @returns their sum, a new tensor
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { addAll } from "seamstress/ops";
 * assertEquals(addAll([1, 2, 3].map((value) => tf.scalar(value))).dataSync()[0], 6);
 * ```
 */
export function addAll<T extends tf.Tensor>(tensors: readonly T[]): T {
  const [first, ...others] = tensors;
  if (first === undefined) throw new RangeError("Cannot add up no tensors");
  return tf.tidy(() => others.reduce((sum, one) => tf.add<T>(sum, one), first.clone() as T));
}
