import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../../../../plugins/ops/conv/conv2d.ts";
import { frozenNorm } from "../../../../plugins/ops/frozen_norm/frozen_norm.ts";
import { pointwiseNorm } from "../../../../plugins/ops/pointwise_norm/pointwise_norm.ts";
import { eachBackend } from "../../../backends.ts";
import { normVectors, randomTensor, valueAndGradients } from "../folded_norm.ts";
import { error } from "../reference.ts";

/** Samples, height, width, channels, filters: of one block and of several, with remainders of tiles and vectors. */
const SIZES = [
  [1, 1, 1, 3, 5],
  [2, 5, 7, 16, 96],
  [3, 41, 37, 24, 18],
  [2, 13, 19, 640, 33],
] as const;

eachBackend("pointwiseNorm() and its gradients are those of its parts", async (backend) => {
  for (const [n, h, w, c, d] of SIZES) {
    const x = randomTensor<tf.Rank.R4>("x", [n, h, w, c]);
    const filter = randomTensor<tf.Rank.R4>("filter", [1, 1, c, d]), vectors = normVectors(d);
    for (const activation of ["none", "relu", "relu6"] as const) {
      const attributes = { epsilon: 1e-5, activation };
      const found = await valueAndGradients(
        (...given) => pointwiseNorm(...given, vectors, attributes),
        x,
        filter,
      );
      const wanted = await valueAndGradients(
        (x, filter) => frozenNorm(conv2d(x, filter, { pad: 0 }), vectors, attributes),
        x,
        filter,
      );
      for (const [i, values] of found.entries()) {
        const what = `${[n, h, w, c, d]} ${activation} ${i} on ${backend}`;
        assert(error(values, Float64Array.from(wanted[i]!)) <= 2e-6, what);
      }
    }
  }
});

eachBackend("pointwiseNorm() gives a sample the same bits whatever its batch", async () => {
  const vectors = normVectors(13), attributes = { epsilon: 1e-5, activation: "relu6" } as const;
  const x = randomTensor<tf.Rank.R4>("x", [3, 31, 29, 24]);
  const filter = randomTensor<tf.Rank.R4>("filter", [1, 1, 24, 13]);
  const all = await pointwiseNorm(x, filter, vectors, attributes).data();
  const last = await pointwiseNorm(x.slice([2], [1]), filter, vectors, attributes).data();
  assertEquals(all.slice(-last.length), last);
});

eachBackend("pointwiseNorm() leaves no tensor behind", () => {
  const vectors = normVectors(4), attributes = { epsilon: 1e-5, activation: "relu" } as const;
  const x = randomTensor<tf.Rank.R4>("x", [1, 3, 3, 2]),
    filter = randomTensor<tf.Rank.R4>("f", [1, 1, 2, 4]);
  const before = tf.memory().numTensors;
  tf.dispose(tf.grad((x) => pointwiseNorm(x as tf.Tensor4D, filter, vectors, attributes).sum())(x));
  assertEquals(tf.memory().numTensors, before);
});
