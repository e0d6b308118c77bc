import * as tf from "@tensorflow/tfjs";
import { FIRST_MAXIMUM, MAX_ONE_GRADIENT, runOwnKernel } from "../own_kernels.ts";

/** Above this many elements, float32 cannot number them one by one. */
const MAX_POSITIONS = 2 ** 24;

/**
 * 1 at the first element that equals the maximum over the last axis, 0 elsewhere.
 *
 * @param x `[M,K]`
 * @param max `[M,1]`, the maximum over the last axis
 */
function firstMaximum(x: tf.Tensor2D, max: tf.Tensor2D): tf.Tensor2D {
  const mask = runOwnKernel<tf.Tensor2D>(FIRST_MAXIMUM, { x, max }, {});
  if (mask !== undefined) return mask;
  const length = x.shape[1];
  const position = tf.range(0, length, 1, "float32").expandDims<tf.Tensor2D>(0);
  const candidate = tf.where(tf.equal(x, max), position, tf.fill(x.shape, length));
  return tf.cast(tf.equal(position, tf.min(candidate, 1, true)), "float32");
}

/** Whether axes follow each other, so that what is reduced lies together. */
function neighbours(axes: readonly number[]): boolean {
  return axes.every((axis, i) => axis === axes[0]! + i);
}

/**
 * Maximum whose gradient goes to one element: the first of those that tie, as PyTorch's `max(dim)`. `tf.max` gives the whole
 * gradient to each of them, and after a ReLU ties at 0 are the rule.
 *
 * @param x float32, any shape
 * @param axis axis or axes to reduce
 * @param keepDims whether reduced axes stay, with length 1
 * @returns the maxima, float32
 * @throws RangeError where more than 2^24 elements are reduced to one
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { maxOne } from "./max_one.ts";
 * await tf.setBackend("cpu");
 * const gradient = tf.grad((x) => maxOne(x, 1).sum())(tf.tensor2d([[0, 3, 3]]));
 * assertEquals([...await gradient.data()], [0, 1, 0]);
 * ```
 */
export function maxOne(x: tf.Tensor, axis: number | number[], keepDims = false): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const length = axes.reduce((product, i) => product * x.shape[i]!, 1);
  if (length > MAX_POSITIONS) {
    throw new RangeError(
      `Cannot find one maximum of ${length} elements: at most ${MAX_POSITIONS} can be told apart`,
    );
  }
  const back = order.map((_, i) => order.indexOf(i));
  const op = tf.customGrad((input, save) => {
    const value = tf.max(input as tf.Tensor, axes, true);
    (save as tf.GradSaveFunc)([input as tf.Tensor, value]);
    return {
      value: keepDims ? value : value.squeeze(axes),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [image, max] = saved as [tf.Tensor, tf.Tensor];
        const whole = neighbours(axes) &&
          runOwnKernel<tf.Tensor>(MAX_ONE_GRADIENT, { x: image, max, dy }, {
            outer: tf.util.sizeFromShape(image.shape.slice(0, axes[0])),
            middle: length,
            inner: tf.util.sizeFromShape(image.shape.slice(axes.at(-1)! + 1)),
          });
        if (whole) return whole;
        const moved = image.transpose(order);
        const flat = moved.reshape<tf.Tensor2D>([-1, length]);
        const one = firstMaximum(flat, max.reshape([-1, 1]));
        return one.mul(dy.reshape([-1, 1])).reshape(moved.shape).transpose(back);
      },
    };
  });
  return op(x);
}

/**
 * Minimum whose gradient goes to the first of tied elements; see {@linkcode maxOne}.
 *
 * @param x float32, any shape
 * @param axis axis or axes to reduce
 * @param keepDims whether reduced axes stay, with length 1
 * @returns the minima, float32
 */
export function minOne(x: tf.Tensor, axis: number | number[], keepDims = false): tf.Tensor {
  return tf.neg(maxOne(tf.neg(x), axis, keepDims));
}
