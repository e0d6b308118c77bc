import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { offsetOf } from "../wasm/heap.ts";
import type { ReducedAxes } from "./reduced_axes.ts";

/**
 * Every number repeated along an axis. tfjs multiplies by ones, which on wasm are made in JavaScript and copied to the heap; the
 * kernel copies twice as much from what it has written each time.
 */
export const spreadOp = defineOp({
  name: "Spread",
  summary: "numbers repeated along an axis",
  inputs: { x: "[…]" },
  attributes: attributesOf<ReducedAxes>(),
  output: "[A,B,C]",
  shape: (_, { outer, middle, inner }) => floats(outer, middle, inner),
  wasm({ x }, { outer, middle, inner }, { backend }) {
    const out = backend.makeOutput([outer, middle, inner], "float32");
    const [from, to] = [x, out].map((tensor) => offsetOf(backend, tensor));
    const heap = backend.wasm.HEAPU8, row = inner * FLOAT, block = middle * row;
    for (let o = 0; o < outer; o++) {
      const start = to! + o * block;
      heap.copyWithin(start, from! + o * row, from! + (o + 1) * row);
      for (let done = row; done < block; done *= 2) {
        heap.copyWithin(start + done, start, start + Math.min(done, block - done));
      }
    }
    return out;
  },
  compose: ({ x }, { outer, middle, inner }) =>
    tf.mul(tf.reshape<tf.Rank.R3>(x, [outer, 1, inner]), tf.ones([outer, middle, inner])),
  gradient: {
    saves: ["x"],
    towards: (dy, { x }) => ({ x: () => tf.reshape(tf.sum(dy, 1), x.shape) }),
  },
});
