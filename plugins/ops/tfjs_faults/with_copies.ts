import type * as tf from "@tensorflow/tfjs";

/**
 * Computes on tensors of which some are made for it alone.
 *
 * @param parts tensors, or what makes a copy
 * @param compute gets all of them
 * @param free frees a copy, at the end
 * @returns what `compute` gave
 */
export function withCopies<T extends tf.TensorInfo>(
  parts: readonly (tf.TensorInfo | (() => T))[],
  compute: (inputs: readonly tf.TensorInfo[]) => tf.TensorInfo,
  free: (copy: T) => void,
): tf.TensorInfo {
  const copies: T[] = [];
  try {
    return compute(parts.map((part) => {
      if (typeof part !== "function") return part;
      const copy = part();
      copies.push(copy);
      return copy;
    }));
  } finally {
    copies.forEach(free);
  }
}
