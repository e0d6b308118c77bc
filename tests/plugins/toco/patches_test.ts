import { assertAlmostEquals, assertEquals } from "@std/assert";
import { checkGradient, createPlugin, uniform } from "seamstress/testing";
import * as tf from "@tensorflow/tfjs";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";
import {
  coloursOf,
  insidePhotograph,
  patchLabels,
  refinedMasks,
} from "../../../plugins/toco/pseudo_labels.ts";
import { ptcLoss } from "../../../plugins/toco/ptc.ts";
import { PIXEL_ADAPTIVE } from "../../../plugins/wsss/refinement/pixel_adaptive.ts";
import { eachBackend } from "../../backends.ts";

const THRESHOLDS = { high: 0.7, low: 0.25 };
const LABELS = [[0, 1, 1, 255, 2, 0], [255, 255, 255, 255, 3, 255]];
const FEATURES = uniform([2, 2, 3, 4]);

/** `get_masked_ptc_loss` over some images' pairs together, in float64. */
function reference(images: readonly number[]): number {
  const sums = { same: 0, different: 0 }, counts = { same: 0, different: 0 };
  for (const n of images) {
    const vector = (i: number) => FEATURES.data.subarray((n * 6 + i) * 4, (n * 6 + i + 1) * 4);
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) {
        const [a, b] = [LABELS[n]![i]!, LABELS[n]![j]!];
        if (a === 255 || b === 255 || i === j) continue;
        const [x, y] = [vector(i), vector(j)];
        const kind = a === b ? "same" : "different";
        sums[kind] += Math.abs(dot(x, y)) / Math.sqrt(dot(x, x) * dot(y, y));
        counts[kind]++;
      }
    }
  }
  return 0.5 * (1 - sums.same / (counts.same + 1)) +
    0.5 * sums.different / (counts.different + 1);
}

const compute = (mean: "image" | "batch") =>
  createPlugin(ptcLoss, { mean }, undefined).then((loss) => (features: tf.Tensor) =>
    loss.compute({
      targets: {},
      views: [{ features: features as tf.Tensor4D }],
      provided: { patch_labels: tf.tensor3d(LABELS.flat(), [2, 2, 3], "int32") },
    }, FIRST_STEP)
  );

eachBackend("ptc takes the mean over an image's pairs, or over all of the batch", async () => {
  const features = tf.tensor4d(Float32Array.from(FEATURES.data), [2, 2, 3, 4]);
  const value = async (mean: "image" | "batch") =>
    (await (await compute(mean))(features).data())[0]!;
  assertAlmostEquals(await value("image"), (reference([0]) + reference([1])) / 2, 1e-6);
  assertAlmostEquals(await value("batch"), reference([0, 1]), 1e-6);
  // An image with one sure patch has no pair.
  assertEquals(reference([1]), 0.5);
});

Deno.test("ptc has the gradient of its value", async () => {
  for (const mean of ["image", "batch"] as const) {
    const loss = await compute(mean);
    await checkGradient(({ features }) => loss(features!), { features: FEATURES });
  }
});

/** Two classes that both show, half and half, in a crop whose last four columns are no photograph. */
function crop() {
  const image = tf.tensor4d(
    Float32Array.from({ length: 8 * 16 * 3 }, (_, i) => {
      const column = Math.floor(i / 3) % 16;
      return column >= 12 ? 0 : column < 4 ? -1 : column < 8 ? 0.5 : 2;
    }),
    [1, 8, 16, 3],
  );
  // Class 0 left, class 1 in the middle, background behind; 2 is absent.
  const cam = tf.tensor4d(
    Float32Array.from({ length: 8 * 16 * 3 }, (_, i) => {
      const column = Math.floor(i / 3) % 16, c = i % 3;
      return column < 4 ? [0.9, 0.1, 0][c]! : column < 8 ? [0.1, 0.8, 0][c]! : [0.1, 0.05, 0][c]!;
    }),
    [1, 8, 16, 3],
  );
  return { image, cam, label: tf.tensor2d([[1, 1, 0]]) };
}

eachBackend("patches are labelled by their CAM, unless no photograph is there", async () => {
  const { image, cam } = crop();
  const before = tf.memory().numTensors;
  const inside = insidePhotograph(image);
  const labels = patchLabels(cam, inside, [2, 4], THRESHOLDS);
  assertEquals([...await labels.data()], [1, 2, 0, 255, 1, 2, 0, 255]);
  const between = patchLabels(tf.mul(cam, 0.6), inside, [2, 4], THRESHOLDS);
  assertEquals([...await between.data()], [255, 255, 0, 255, 255, 255, 0, 255]);
  assertEquals(tf.memory().numTensors, before + 4);
});

eachBackend(
  "masks are classes against much background, background against little, and no guess elsewhere",
  async () => {
    const { image, cam, label } = crop();
    const inside = insidePhotograph(image);
    const normalization = { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] } as const;
    const colours = tf.tidy(() => coloursOf(image, normalization));
    const before = tf.memory().numTensors;
    const masks = refinedMasks({ colours, cam, label, inside }, {
      ...THRESHOLDS,
      reduce: 2,
      refinement: { ...PIXEL_ADAPTIVE, dilations: [1], iterations: 1 },
    });
    assertEquals(tf.memory().numTensors, before + 1);
    const row = (await masks.data()).slice(3 * 16, 4 * 16);
    assertEquals([row[1], row[6], row[10]], [1, 2, 0]);
    assertEquals([...row.slice(12)], [255, 255, 255, 255]);
    assertEquals(masks.dtype, "int32");
  },
);
