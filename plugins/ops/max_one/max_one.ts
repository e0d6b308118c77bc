import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { like } from "../define/shapes.ts";
import type { ReducedAxes } from "../reduce/reduced_axes.ts";
import { floatsAt, offsetOf } from "../wasm/heap.ts";
import { runMaxOneGradient } from "./max_one_gradient.wgsl.ts";

/** Above this many elements, float32 cannot number them one by one. */
const MAX_POSITIONS = 2 ** 24;

/**
 * `dy` at the first of `middle` elements that equals their maximum, 0 elsewhere; `max` and `dy` have `outer * inner` elements.
 * tfjs's gradient of max and min gives the whole gradient to every tied element. A composition of comparisons makes eleven passes
 * over memory, the kernels here make one or two.
 */
export const maxOneGradientOp = defineOp({
  name: "MaxOneGradient",
  summary: "gradient of a maximum, to the first of tied elements",
  inputs: { x: "[…]", max: "[…]", dy: "[…]" },
  attributes: attributesOf<ReducedAxes>(),
  output: "[…]",
  shape: ({ x }) => like(x),
  webgpu: (inputs, reduced, { backend }) => runMaxOneGradient(backend, inputs, reduced),
  wasm({ x, max, dy }, { outer, middle, inner }, { backend }) {
    const out = backend.makeOutput(x.shape, "float32"), size = outer * middle * inner;
    const view = (tensor: tf.TensorInfo, length: number) =>
      floatsAt(backend, offsetOf(backend, tensor), length);
    const values = view(x, size), slopes = view(out, size).fill(0);
    const maxima = view(max, outer * inner), given = view(dy, outer * inner);
    for (let place = 0; place < outer * inner; place++) {
      const start = Math.floor(place / inner) * middle * inner + place % inner;
      const end = start + middle * inner, most = maxima[place]!;
      let i = start;
      while (i < end && values[i] !== most) i += inner;
      if (i < end) slopes[i] = given[place]!;
    }
    return out;
  },
  compose({ x, max, dy }, { outer, middle, inner }) {
    const whole = x.reshape<tf.Tensor3D>([outer, middle, inner]);
    const last = inner === 1 ? whole : whole.transpose<tf.Tensor3D>([0, 2, 1]);
    const one = firstMaximum(last.reshape([-1, middle]), max.reshape([-1, 1]));
    const slope = one.mul(dy.reshape([-1, 1]));
    const back = inner === 1
      ? slope
      : slope.reshape<tf.Tensor3D>([outer, inner, middle]).transpose([0, 2, 1]);
    return back.reshape(x.shape);
  },
});

/** `[M,K]`, `[M,1]` → `[M,K]`: 1 at the first element of each row that equals its maximum, 0 elsewhere. */
function firstMaximum(x: tf.Tensor2D, max: tf.Tensor2D): tf.Tensor2D {
  const length = x.shape[1];
  const position = tf.range(0, length, 1, "float32").expandDims<tf.Tensor2D>(0);
  const candidate = tf.where(tf.equal(x, max), position, tf.fill(x.shape, length));
  return tf.cast(tf.equal(position, tf.min(candidate, 1, true)), "float32") as tf.Tensor2D;
}

/** Whether axes are adjacent, so that they can be reduced as one axis. */
function areNeighbours(axes: readonly number[]): boolean {
  return axes.every((axis, i) => axis === axes[0]! + i);
}

/**
 * Maximum whose gradient goes to one element: the first of those that tie, as PyTorch's `max(dim)`. `tf.max` gives the whole
 * gradient to each of them, and after a ReLU ties at 0 are common.
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
 * import { maxOne } from "seamstress/ops";
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
        if (areNeighbours(axes)) {
          return maxOneGradientOp.run({ x: image, max, dy }, {
            outer: tf.util.sizeFromShape(image.shape.slice(0, axes[0])),
            middle: length,
            inner: tf.util.sizeFromShape(image.shape.slice(axes.at(-1)! + 1)),
          });
        }
        // Transposes so that the reduced axes are adjacent.
        const moved = image.transpose(order);
        const outer = moved.size / Math.max(length, 1);
        return maxOneGradientOp.run({ x: moved, max, dy }, { outer, middle: length, inner: 1 })
          .transpose(back);
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
