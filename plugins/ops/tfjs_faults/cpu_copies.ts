import * as tf from "@tensorflow/tfjs";

/** Elements of a tensor in main memory. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/**
 * @param tensor any
 * @returns whether its elements lie in one typed array
 */
export function isPlain({ dtype }: tf.TensorInfo): boolean {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

/**
 * @param backend cpu
 * @param tensor whose elements lie in one array
 * @returns its elements
 */
export function elementsOf(backend: tf.KernelBackend, { dataId }: tf.TensorInfo): Elements {
  return backend.readSync(dataId) as Elements;
}

/**
 * @param shape of an array, row by row
 * @returns elements from one index to the next, by axis
 */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => tf.util.sizeFromShape(shape.slice(axis + 1)));
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
  const missing = shape.length - x.shape.length;
  const own = stridesOf(x.shape);
  const strides = shape.map((_, axis) =>
    axis < missing || x.shape[axis - missing] === 1 ? 0 : own[axis - missing]!
  );
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
 * Computes on tensors of which some are made for it alone.
 *
 * @param parts tensors, or what makes a copy, which is disposed of at the end
 * @param compute gets all of them
 * @returns its result
 */
export function withCopies(
  parts: readonly (tf.TensorInfo | (() => tf.Tensor))[],
  compute: (inputs: readonly tf.TensorInfo[]) => tf.TensorInfo,
): tf.TensorInfo {
  const copies: tf.Tensor[] = [];
  const inputs = parts.map((part) => {
    if (typeof part !== "function") return part;
    const copy = part();
    copies.push(copy);
    return copy;
  });
  const result = compute(inputs);
  tf.dispose(copies);
  return result;
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
  // Axes that lie one after the other in memory are one axis.
  const axes: { size: number; stride: number }[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = axes.at(-1), stride = strides[axis]!;
    if (last && last.stride === stride * size) {
      axes[axes.length - 1] = { size: last.size * size, stride };
    } else axes.push({ size, stride });
  });
  const inner = axes.pop() ?? { size: 1, stride: 1 };
  let at = 0;
  const row = (source: number) => {
    const { size, stride } = inner;
    if (stride === 1) to.set(from.subarray(source, source + size), at);
    else if (stride === 0) to.fill(from[source]!, at, at + size);
    else for (let i = 0; i < size; i++) to[at + i] = from[source + i * stride]!;
    at += size;
  };
  const walk = (axis: number, source: number): void => {
    if (axis === axes.length) return row(source);
    const { size, stride } = axes[axis]!;
    for (let i = 0; i < size; i++) walk(axis + 1, source + i * stride);
  };
  if (to.length > 0) walk(0, first);
  return to;
}
