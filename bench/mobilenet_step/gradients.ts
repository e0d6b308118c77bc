import * as tf from "@tensorflow/tfjs";
import type { StateArray, StateDict } from "seamstress";

/** Gradients of a step by parameter, in PyTorch's memory order. */
export type StepGradients = Map<string, Float32Array>;

/**
 * Copies gradients off the backend, in PyTorch's order: `[h,w,I,O]` → `[O,I,h,w]`, of depthwise convolutions `[h,w,C,1]` → `[C,1,h,w]`.
 *
 * @param gradients of a step
 * @param state parameters in PyTorch's shapes, which say which is meant
 * @returns by parameter
 */
export function copyGradients(
  gradients: Readonly<Record<string, tf.Tensor>>,
  state: StateDict,
): StepGradients {
  return new Map(
    Object.entries(gradients).map(([name, gradient]) => {
      const { shape } = state.get(name)!;
      return [name, tf.tidy(() => inTorchOrder(gradient, shape).dataSync<"float32">().slice())];
    }),
  );
}

function inTorchOrder(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  if (gradient.rank !== 4) return gradient;
  const orders = [[3, 2, 0, 1], [2, 3, 0, 1]];
  const fits = orders.find((order) =>
    order.every((from, to) => gradient.shape[from] === shape[to])
  );
  return tf.transpose(gradient, fits);
}

/**
 * Takes the arrays out of a file that PyTorch wrote.
 *
 * @param tensors of the file
 * @returns by parameter
 */
export function plainGradients(tensors: ReadonlyMap<string, StateArray>): StepGradients {
  return new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
}
