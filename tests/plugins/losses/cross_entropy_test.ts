import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../core/rng.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, numericalGradient, randomMaps } from "./numeric.ts";
import { makeLoss, tensorOf } from "./setup.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";

const SHAPE = [3, 5, 7, 6] as const;
const PIXELS = SHAPE[1] * SHAPE[2];

/** Random classes; a quarter is ignored, all of one image where `empty` says so. */
function classesOf(empty?: number): Int32Array {
  const rng = Rng.of(3, "mask");
  return Int32Array.from({ length: SHAPE[0] * PIXELS }, (_, i) => {
    const label = rng.integer(8);
    return Math.floor(i / PIXELS) === empty || label >= SHAPE[3] ? 255 : label;
  });
}

/** PyTorch's definition in float64. */
function reference(scores: Float64Array, mask: Int32Array, mean: "image" | "batch"): number {
  const labels = SHAPE[3];
  const costs = Array.from(mask, (label, pixel) => {
    if (label === 255) return undefined;
    const row = scores.subarray(pixel * labels, (pixel + 1) * labels);
    const high = Math.max(...row);
    return high + Math.log(row.reduce((sum, x) => sum + Math.exp(x - high), 0)) - row[label]!;
  });
  const over = (part: readonly (number | undefined)[]) => {
    const counted = part.filter((cost) => cost !== undefined);
    return counted.reduce((sum, cost) => sum + cost, 0) / Math.max(counted.length, 1);
  };
  if (mean === "batch") return over(costs);
  const images = Array.from(
    { length: SHAPE[0] },
    (_, n) => over(costs.slice(n * PIXELS, (n + 1) * PIXELS)),
  );
  return images.reduce((sum, cost) => sum + cost, 0) / SHAPE[0];
}

/** Half of the mean over the background's pixels, and half of that over the classes'. */
function halves(scores: Float64Array, mask: Int32Array, mean: "image" | "batch"): number {
  const only = (keep: (label: number) => boolean) => mask.map((label) => keep(label) ? label : 255);
  const background = reference(scores, only((label) => label === 0), mean);
  return (background + reference(scores, only((label) => label > 0), mean)) / 2;
}

for (const mean of ["image", "batch"] as const) {
  eachBackend(
    `cross-entropy in halves, mean over the ${mean}: value and gradient equal float64`,
    async () => {
      const loss = await makeLoss("cross-entropy", { mean, halves: true });
      const scores = randomMaps("scores", SHAPE, [-40, 40]), classes = classesOf(1);
      const x = tensorOf(scores), mask = tf.tensor3d(classes, [3, 5, 7], "int32");
      const before = tf.memory().numTensors;
      const { value, grad } = tf.valueAndGrad((x) =>
        loss.compute({ targets: { mask }, views: [{ segmentation: x as tf.Tensor4D }] }, FIRST_STEP)
      )(x);
      assertNear(
        await value.data<"float32">(),
        [halves(scores.data, classes, mean)],
        1e-6,
        "value",
      );
      const slope = numericalGradient((data) => halves(data, classes, mean), scores.data);
      assertNear(await grad.data<"float32">(), slope, 1e-5, "gradient");
      tf.dispose([value, grad]);
      assertEquals(tf.memory().numTensors, before);
      tf.dispose([x, mask]);
    },
  );

  for (const empty of [undefined, 1]) {
    const title = `mean over the ${mean}${empty === undefined ? "" : ", one image all ignored"}`;
    eachBackend(`cross-entropy, ${title}: value and gradient equal float64`, async () => {
      const loss = await makeLoss("cross-entropy", { mean });
      const scores = randomMaps("scores", SHAPE, [-40, 40]), classes = classesOf(empty);
      const x = tensorOf(scores), mask = tf.tensor3d(classes, [3, 5, 7], "int32");
      const before = tf.memory().numTensors;
      const { value, grad } = tf.valueAndGrad((x) =>
        loss.compute({ targets: { mask }, views: [{ segmentation: x as tf.Tensor4D }] }, FIRST_STEP)
      )(x);
      const wanted = reference(scores.data, classes, mean);
      assertNear(await value.data<"float32">(), [wanted], 1e-6, "value");
      const slope = numericalGradient((data) => reference(data, classes, mean), scores.data);
      assertNear(await grad.data<"float32">(), slope, 1e-5, "gradient");
      tf.dispose([value, grad]);
      assertEquals(tf.memory().numTensors, before);
      tf.dispose([x, mask]);
    });
  }
}

eachBackend(
  "cross-entropy of nothing but ignored pixels is 0, and so is its gradient",
  async () => {
    for (const mean of ["image", "batch"]) {
      const loss = await makeLoss("cross-entropy", { mean });
      const mask = tf.fill([3, 5, 7], 255, "int32");
      const x = tensorOf(randomMaps("scores", SHAPE));
      const { value, grad } = tf.valueAndGrad((x) =>
        loss.compute({ targets: { mask }, views: [{ segmentation: x as tf.Tensor4D }] }, FIRST_STEP)
      )(x);
      assertEquals([...await value.data()], [0]);
      assert((await grad.data()).every((slope) => slope === 0));
    }
  },
);

eachBackend("cross-entropy survives scores that overflow an exponential", async () => {
  const loss = await makeLoss("cross-entropy");
  const segmentation = tf.tensor4d([1e4, -1e4, 0, 0], [1, 1, 2, 2]);
  const mask = tf.tensor3d([1, 0], [1, 1, 2], "int32");
  const value = loss.compute({ targets: { mask }, views: [{ segmentation }] }, FIRST_STEP);
  assertNear(await value.data<"float32">(), [(2e4 + Math.LN2) / 2], 1e-6, "value");
});

Deno.test("cross-entropy refuses a batch without masks, and scores of another size", async () => {
  const loss = await makeLoss("cross-entropy");
  const views = [{ segmentation: tf.zeros<tf.Rank.R4>([1, 2, 2, 3]) }];
  assertThrows(() => loss.compute({ targets: {}, views }, FIRST_STEP), Error, "no mask");
  const mask = tf.zeros([1, 4, 4], "int32");
  assertThrows(
    () => loss.compute({ targets: { mask }, views }, FIRST_STEP),
    Error,
    "scores of 1x2x2 pixels with a mask of 1x4x4",
  );
});
