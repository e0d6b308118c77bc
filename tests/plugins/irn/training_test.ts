import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { boundaryAffinity } from "../../../plugins/irn/boundary/boundary_affinity.ts";
import { pairPaths } from "../../../plugins/irn/boundary/paths.ts";
import { displacementError } from "../../../plugins/irn/loss/displacement_error.ts";
import { checkGradient } from "../../../plugins/testing/check_gradient.ts";
import { checkMicroBatches } from "../../../plugins/testing/check_micro_batches.ts";
import { checkResume } from "../../../plugins/testing/check_resume.ts";
import { miniRun } from "../../../plugins/testing/mini_run.ts";
import { uniform } from "../../../plugins/testing/numbers.ts";
import { eachBackend } from "../../backends.ts";

const TRAIN = {
  head: { use: "irn", width: 16 },
  method: { use: "irn", radius: 3 },
  losses: ["affinity", { use: "displacement", radius: 3 }],
  optimizer: { use: "sgd", lr: 0.01, momentum: 0.9 },
};

Deno.test("IRN's step is the same in micro-batches, and its backbone does not train", async () => {
  const { compared } = await checkMicroBatches({ train: TRAIN });
  for (const name of ["fc_edge1.0.weight", "fc_edge4.bias", "fc_dp5.3.weight", "fc_dp2.1.bias"]) {
    assert(compared.includes(`gradient of ${name} in step 2`), compared.join());
  }
  assertEquals(compared.filter((what) => /gradient of (c1|z)\./.test(what)), []);
});

Deno.test("IRN's training ends with the same bits, stopped or failed and resumed", async () => {
  const { tensors } = await checkResume({ train: TRAIN });
  assert(tensors.includes("fc_edge4.weight"), tensors.join());
});

Deno.test("gradients of affinities through boundaries and of displacements are those of differences", async () => {
  const boundary = uniform([2, 7, 9, 1], [0.05, 0.95]);
  await checkGradient(({ x }) => boundaryAffinity(x as tf.Tensor4D, 3), { x: boundary });
  const labels = () => tf.cast(tf.greater(tf.sin(tf.range(0, 2 * 5 * 5 * 12)), 0), "float32");
  for (const towards of [true, false]) {
    await checkGradient(
      ({ x }) =>
        displacementError(
          x as tf.Tensor4D,
          tf.reshape<tf.Rank.R4>(labels(), [2, 5, 5, 12]),
          3,
          towards,
        ),
      { x: uniform([2, 7, 9, 2], [-3, 3]) },
    );
  }
});

eachBackend(
  "of equally strong boundaries on a path the one nearest the second pixel learns",
  async () => {
    const flat = tf.fill([1, 3, 5, 1], 0.5) as tf.Tensor4D;
    const slope = tf.grad((x) => tf.sum(boundaryAffinity(x as tf.Tensor4D, 3)))(flat);
    const found = await slope.data();
    const wanted = new Float32Array(15);
    // One first pixel, at row 0, column 2.
    for (const { offset: [dy, dx] } of pairPaths(3)) wanted[dy * 5 + 2 + dx]! -= 1;
    wanted.forEach((value, i) => assertAlmostEquals(found[i]!, value, 1e-6));
    tf.dispose([flat, slope]);
  },
);

Deno.test("IRN's training refuses what does not fit, by name", async () => {
  const refused = async (train: Record<string, unknown>, message: string) => {
    const error = await assertRejects(
      () => miniRun({ stages: [], train: { ...TRAIN, ...train } }),
      Error,
    );
    assert(error.message.includes(message), error.message);
  };
  await refused({ head: { use: "irn", width: 20 } }, "width");
  await refused({ method: { use: "irn", radius: 1 } }, "radius");
  await refused({ losses: [{ use: "displacement", pairs: "negative" }] }, "pairs");
  await refused(
    { losses: ["affinity", { use: "displacement", radius: 2 }] },
    "Cannot compute the loss displacement: its radius is 2, but the method labels 12 pairs a pixel, not 4",
  );
  await refused({ head: { use: "cam" } }, "boundary");
  await refused(
    { transforms: ["normalize", { use: "random-crop", size: 16 }] },
    "boundaries cannot be learned from images of 16x16 pixels: their feature map of 4x4 has no pairs",
  );
});
