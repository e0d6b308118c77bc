import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkGradient, checkMicroBatches, uniform } from "seamstress/testing";
import { FIRST_STEP } from "seamstress/wsss";
import type { LossInput } from "../../../core/contracts/method.ts";
import { eachBackend } from "../../backends.ts";
import { assertRefused, type Refused, shortTraining } from "../../short_training.ts";
import { assertSameWhenStopped } from "../../same_when_stopped.ts";
import { makeLoss } from "../losses/setup.ts";

/** Four steps of four micro-batches, dropout among them, so that what is drawn counts. */
const RECIPE = shortTraining({
  name: "puzzle",
  head: "{ use: puzzle-cam, dropout: 0.3 }",
  method: "puzzle-cam",
  losses:
    "[{ use: classification, output: cam_tap }, { use: puzzle-cam, weight: { use: ramp, times: 4 } }]",
});

Deno.test("Puzzle-CAM: stopped, resumed and shared among ranks, the same bits", async () => {
  await assertSameWhenStopped(RECIPE);
});

eachBackend(
  "Puzzle-CAM: micro-batches of any size give the same gradients, dropout too",
  async (backend) => {
    const { compared } = await checkMicroBatches({
      recipe: { backend, dataset: { use: "mini", size: 16 } },
      train: {
        head: { use: "puzzle-cam", dropout: 0.4 },
        method: "puzzle-cam",
        losses: [{ use: "classification", output: "cam_tap" }, "puzzle-cam"],
      },
      steps: 1,
    });
    assert(compared.includes("gradient of classifier.weight in step 1"), compared.join());
  },
);

const LABEL = [[1, 0, 1], [0, 0, 0]];

/** What the loss is given: maps with a channel of background in front. */
function inputOf(whole: tf.Tensor, tiles: tf.Tensor): LossInput {
  const views = [whole, tiles].map((map) => ({ cam_tap: map as tf.Tensor4D }));
  return { targets: { label: tf.tensor2d(LABEL) }, views };
}

eachBackend(
  "the reconstruction is the mean difference, maps of absent classes count 0",
  async () => {
    const shape = [2, 3, 4, 4];
    const a = uniform(shape, [-1, 1], "a"), b = uniform(shape, [-1, 1], "b");
    const each = [...a.data].map((value, i) => {
      const c = i % 4 - 1, sample = i < 48 ? 0 : 1;
      const difference = Math.abs(value - b.data[i]!);
      return c < 0 ? [0, 0] : [difference, difference * LABEL[sample]![c]!];
    });
    const mean = (k: number) => each.reduce((sum, terms) => sum + terms[k]!, 0) / (2 * 12 * 3);
    for (const [options, k] of [[{}, 1], [{ classes: "all" }, 0]] as const) {
      const loss = await makeLoss("puzzle-cam", options);
      const result = tf.tidy(() =>
        loss.compute(
          inputOf(tf.tensor([...a.data], shape), tf.tensor([...b.data], shape)),
          FIRST_STEP,
        )
      );
      const [value] = await result.data();
      result.dispose();
      assertAlmostEquals(value!, mean(k), 1e-6);
    }
  },
);

Deno.test("the reconstruction's gradient reaches both views", async () => {
  const loss = await makeLoss("puzzle-cam");
  const shape = [2, 3, 4, 4];
  const { differences } = await checkGradient(
    ({ whole, tiles }) => loss.compute(inputOf(whole, tiles), FIRST_STEP),
    { whole: uniform(shape, [-1, 1], "a"), tiles: uniform(shape, [-1, 1], "b") },
  );
  assertEquals(Object.keys(differences), ["whole", "tiles"]);
});

const REFUSED: readonly Refused[] = [
  ["size: 16", "size: 18", "images of 18x18 do not split into 2x2 tiles of whole pixels"],
  ["method: puzzle-cam", "method: { use: puzzle-cam, pieces: 1 }", "pieces"],
  ["method: puzzle-cam", "method: { use: puzzle-cam, peices: 2 }", 'did you mean "pieces"?'],
  ["method: puzzle-cam", "method: classification-cam", "loss puzzle-cam needs tiles"],
  ["head: { use: puzzle-cam, dropout: 0.3 }", "head: cam", "needs cam_tap"],
  ["use: puzzle-cam, weight", "use: puzzle-cam, classes: some, weight", "classes"],
];

Deno.test("Puzzle-CAM: wrong options and wrong sizes are refused by name", async () => {
  await assertRefused(RECIPE, REFUSED);
});
