import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { depthwiseConv2d } from "../../../../plugins/ops/depthwise/depthwise_conv2d.ts";
import { depthwiseNorm } from "../../../../plugins/ops/depthwise_norm/depthwise_norm.ts";
import { frozenNorm } from "../../../../plugins/ops/frozen_norm/frozen_norm.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";

/** Samples, height, width and channels; stride, dilation and padding. */
const CASES = [
  [[2, 9, 7, 6], { pad: 1 }],
  [[3, 8, 11, 5], { stride: 2, pad: "same" }],
  [[2, 13, 12, 8], { dilation: 2, pad: 2 }],
  [[1, 5, 5, 3], { pad: 0 }],
] as const;

function tensor<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  return tf.tensor(Float32Array.from(randomArray(name, shape).data), shape);
}

eachBackend("depthwiseNorm() and its gradients are those of its parts", async (backend) => {
  for (const [shape, options] of CASES) {
    const channels = shape[3], x = tensor<tf.Rank.R4>("x", [...shape]);
    const filter = tensor<tf.Rank.R4>("filter", [3, 3, channels, 1]);
    const vector = (name: string) => tensor<tf.Rank.R1>(name, [channels]);
    const vectors = {
      mean: vector("mean"),
      variance: tf.add<tf.Tensor1D>(tf.square(vector("variance")), 0.1),
      weight: tf.mul<tf.Tensor1D>(vector("weight"), 3),
      bias: tf.add<tf.Tensor1D>(vector("bias"), 1),
    };
    for (const activation of ["none", "relu", "relu6"] as const) {
      const attributes = { epsilon: 1e-5, activation };
      type Run = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D;
      const numbersOf = async (run: Run) => {
        const value = run(x, filter), weights = tensor<tf.Rank.R4>("weights", value.shape);
        const loss = (x: tf.Tensor, filter: tf.Tensor) =>
          run(x as tf.Tensor4D, filter as tf.Tensor4D).mul(weights).sum();
        const all = [value, ...tf.grads(loss)([x, filter])];
        return await Promise.all(all.map((each) => each.data<"float32">()));
      };
      const found = await numbersOf((x, filter) =>
        depthwiseNorm(x, filter, vectors, { ...attributes, ...options })
      );
      const wanted = await numbersOf((x, filter) =>
        frozenNorm(depthwiseConv2d(x, filter, options), vectors, attributes)
      );
      for (const [i, values] of found.entries()) {
        const what = `${shape} ${activation} ${i} on ${backend}`;
        // On wasm the same operations in the same order.
        if (backend === "wasm") assertEquals(values, wanted[i], what);
        else assert(error(values, wanted[i]!) <= 2e-6, what);
      }
    }
  }
});
