import type * as tf from "@tensorflow/tfjs";

/** Elements of a tensor in main memory. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** Arrays of elements that lie in memory as they are, by type of the tensor. */
export const ELEMENT_ARRAYS: Readonly<
  Record<string, new (buffer: ArrayBuffer, offset: number, length: number) => Elements>
> = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/**
 * @param tensor any
 * @returns whether its elements lie in one typed array
 */
export function isPlain({ dtype }: tf.TensorInfo): boolean {
  return Object.hasOwn(ELEMENT_ARRAYS, dtype);
}

/**
 * Elements from one index to the next, by axis.
 *
 * @param shape of an array, row by row
 * @returns its strides
 */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

/**
 * Strides by which an array is read where it is repeated along axes in which it has one element, or which it does not have.
 *
 * @param from its shape
 * @param shape that it broadcasts to
 * @returns by axis of `shape`
 */
export function broadcastStrides(from: readonly number[], shape: readonly number[]): number[] {
  const missing = shape.length - from.length, own = stridesOf(from);
  return shape.map((_, axis) =>
    axis < missing || from[axis - missing] === 1 ? 0 : own[axis - missing]!
  );
}

/**
 * How an array is read where it is repeated along axes that it has.
 *
 * @param from its shape
 * @param reps how many times, by axis
 * @returns shape and strides of the copy, which has an axis of repeats before each of `from`; and the shape in which they are one
 */
export function tileStrides(
  from: readonly number[],
  reps: readonly number[],
): Readonly<Record<"shape" | "strides" | "tiled", readonly number[]>> {
  return {
    shape: from.flatMap((size, axis) => [reps[axis]!, size]),
    strides: stridesOf(from).flatMap((stride) => [0, stride]),
    tiled: from.map((size, axis) => size * reps[axis]!),
  };
}

/**
 * Copies elements in the order of a shape.
 *
 * @param from what to copy
 * @param to where to, of the same type, in the order of `shape`
 * @param shape of the copy
 * @param strides elements of `from` from one index of each axis to the next; 0 repeats
 * @param first element of `from`
 */
export function copyStrided<E extends Elements>(
  from: E,
  to: E,
  shape: readonly number[],
  strides: readonly number[],
  first = 0,
): void {
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
}
