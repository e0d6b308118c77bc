import { assert, assertEquals } from "@std/assert";
import type * as tf from "@tensorflow/tfjs";
import { depthwiseConv2d } from "../../../../plugins/ops/depthwise/depthwise_conv2d.ts";
import { depthwiseNorm } from "../../../../plugins/ops/depthwise_norm/depthwise_norm.ts";
import { frozenNorm } from "../../../../plugins/ops/frozen_norm/frozen_norm.ts";
import { eachBackend } from "../../../backends.ts";
import { normVectors, randomTensor, valueAndGradients } from "../folded_norm.ts";
import { error } from "../reference.ts";

/** Samples, height, width and channels; stride, dilation and padding. */
const CASES = [
  [[2, 9, 7, 6], { pad: 1 }],
  [[3, 8, 11, 5], { stride: 2, pad: "same" }],
  [[2, 13, 12, 8], { dilation: 2, pad: 2 }],
  [[1, 5, 5, 3], { pad: 0 }],
  // Some results have all taps in the padding.
  [[2, 3, 2, 5], { pad: 4 }],
] as const;

eachBackend("depthwiseNorm() and its gradients are those of its parts", async (backend) => {
  for (const [shape, options] of CASES) {
    const channels = shape[3], x = randomTensor<tf.Rank.R4>("x", [...shape]);
    const filter = randomTensor<tf.Rank.R4>("filter", [3, 3, channels, 1]);
    const vectors = normVectors(channels);
    for (const activation of ["none", "relu", "relu6"] as const) {
      const attributes = { epsilon: 1e-5, activation };
      const found = await valueAndGradients(
        (x, filter) => depthwiseNorm(x, filter, vectors, { ...attributes, ...options }),
        x,
        filter,
      );
      const wanted = await valueAndGradients(
        (x, filter) => frozenNorm(depthwiseConv2d(x, filter, options), vectors, attributes),
        x,
        filter,
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
