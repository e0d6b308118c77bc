import * as tf from "@tensorflow/tfjs";
import { replaceGradient } from "../define/replace.ts";
import { axesOf, type AxisAttributes } from "../define/shapes.ts";
import { reducedAxes } from "../reduce/reduced_axes.ts";
import { spreadOp } from "../reduce/spread.ts";

/**
 * tfjs's gradients of sums and means multiply by an array of ones of the summands' shape, made for each: on wasm it is filled in
 * JavaScript, copied to the heap, and then collected as garbage. These repeat the numbers instead; they are the same to the last bit.
 */
export function installSumGradients(): void {
  for (const kernel of ["Sum", "Mean"]) {
    replaceGradient(kernel, {
      inputsToSave: ["x"],
      gradFunc: (dy, [x], attributes) => ({
        x: () =>
          spread(dy as tf.Tensor, x!, attributes as unknown as AxisAttributes, kernel === "Mean"),
      }),
    });
  }
}

function spread(
  dy: tf.Tensor,
  { shape, size }: tf.Tensor,
  attributes: AxisAttributes,
  mean: boolean,
): tf.Tensor {
  const axes = axesOf(shape, attributes), reduced = reducedAxes(shape, axes);
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const slope = mean ? tf.div(dy, count) : dy;
  if (reduced && size > 0) return tf.reshape(spreadOp.run({ x: slope }, reduced), shape);
  const kept = shape.map((size, axis) => axes.includes(axis) ? 1 : size);
  return tf.mul(tf.reshape(slope, kept), tf.ones(shape));
}
