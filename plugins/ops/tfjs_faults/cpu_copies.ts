import * as tf from "@tensorflow/tfjs";
import { broadcastStrides, copyStrided, type Elements, stridesOf } from "./copy_strided.ts";

/**
 * @param backend cpu
 * @param tensor whose elements lie in one array
 * @returns its elements
 */
export function elementsOf(backend: tf.KernelBackend, { dataId }: tf.TensorInfo): Elements {
  return backend.readSync(dataId) as Elements;
}

/**
 * @param backend cpu
 * @param x what to copy
 * @param shape of the copy, which `x` broadcasts to
 * @returns the copy: `x` repeated along axes where it has one element or none
 */
export function broadcast(
  backend: tf.KernelBackend,
  x: tf.TensorInfo,
  shape: readonly number[],
): tf.Tensor {
  const strides = broadcastStrides(x.shape, shape);
  return tf.tensor(readStrided(elementsOf(backend, x), shape, strides), [...shape], x.dtype);
}

/**
 * @param backend cpu
 * @param x what to copy
 * @param order of its axes in the copy
 * @returns the copy, whose axis i is the axis `order[i]` of `x`
 */
export function transpose(
  backend: tf.KernelBackend,
  x: tf.TensorInfo,
  order: readonly number[],
): tf.Tensor {
  const strides = stridesOf(x.shape);
  const shape = order.map((axis) => x.shape[axis]!);
  const y = readStrided(elementsOf(backend, x), shape, order.map((axis) => strides[axis]!));
  return tf.tensor(y, shape, x.dtype);
}

/**
 * Copies elements in the order of a shape.
 *
 * @param from what to copy
 * @param shape of the copy
 * @param strides elements of `from` from one index of each axis to the next; 0 repeats
 * @param first element of `from`
 * @returns the copy, of the same type
 */
export function readStrided<E extends Elements>(
  from: E,
  shape: readonly number[],
  strides: readonly number[],
  first = 0,
): E {
  const to = new (from.constructor as new (length: number) => E)(tf.util.sizeFromShape([...shape]));
  copyStrided(from, to, shape, strides, first);
  return to;
}
