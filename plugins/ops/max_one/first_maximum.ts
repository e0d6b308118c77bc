import * as tf from "@tensorflow/tfjs";
import { defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import { floatsAt, offsetOf } from "../wasm/heap.ts";

/**
 * 1 at the first element of each row that equals its maximum, 0 elsewhere. A composition of comparisons is correct on wasm but
 * slow: broadcasts there run a scalar loop that recomputes indices for every element. The kernel takes one pass.
 */
export const firstMaximumOp = defineOp({
  name: "FirstMaximum",
  summary: "1 at the first element that equals its row's maximum",
  inputs: { x: "[M,K]", max: "[M,1]" },
  output: "[M,K]",
  shape: ({ x }) => floats(...x.shape),
  wasm({ x, max }, _, { backend }) {
    const [rows, length] = x.shape;
    const out = backend.makeOutput([rows, length], "float32");
    const values = floatsAt(backend, offsetOf(backend, x), rows * length);
    const maxima = floatsAt(backend, offsetOf(backend, max), rows);
    const mask = floatsAt(backend, offsetOf(backend, out), rows * length).fill(0);
    for (let row = 0; row < rows; row++) {
      const end = (row + 1) * length;
      let i = end - length;
      while (i < end && values[i] !== maxima[row]) i++;
      if (i < end) mask[i] = 1;
    }
    return out;
  },
  compose({ x, max }) {
    const length = x.shape[1];
    const position = tf.range(0, length, 1, "float32").expandDims<tf.Tensor2D>(0);
    const candidate = tf.where(tf.equal(x, max), position, tf.fill(x.shape, length));
    return tf.cast(tf.equal(position, tf.min(candidate, 1, true)), "float32") as tf.Tensor2D;
  },
});
