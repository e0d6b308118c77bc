import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkGradient, checkMicroBatches, uniform } from "seamstress/testing";
import { FIRST_STEP } from "seamstress/wsss";
import type { LossInput } from "../../../core/contracts/method.ts";
import { eachBackend } from "../../backends.ts";
import { assertRefused, type Refused, shortTraining } from "../../short_training.ts";
import { assertSameWhenStopped } from "../../same_when_stopped.ts";
import { makeLoss } from "../losses/setup.ts";

const WORLD = "{ use: mini, size: 16, simulatedSaliency: { grow: 1 } }";

/** Four steps of four micro-batches, dropout among them, so that what is drawn counts. */
const RECIPE = shortTraining({
  name: "eps",
  dataset: WORLD,
  head: "{ use: eps, dropout: 0.3 }",
  method: "eps",
  losses: "[{ use: classification, output: cam_tap }, { use: eps, tau: 0.4 }]",
});

Deno.test("EPS: stopped, resumed and shared among ranks, the same bits", async () => {
  await assertSameWhenStopped(RECIPE);
});

eachBackend("EPS: micro-batches of any size give the same gradients", async (backend) => {
  const { compared } = await checkMicroBatches({
    recipe: { backend, dataset: { use: "mini", size: 16, simulatedSaliency: { grow: 1 } } },
    train: {
      head: { use: "eps", dropout: 0.4 },
      method: "eps",
      losses: [{ use: "classification", output: "cam_tap" }, "eps"],
    },
    steps: 1,
  });
  assert(compared.includes("loss eps in step 1"), compared.join());
});

/** Log-probabilities as scores: their softmax is what stands here. */
function scoresOf(probabilities: readonly (readonly number[])[]): tf.Tensor4D {
  return tf.log(tf.tensor(probabilities.flat(), [1, 2, 2, 3]));
}

function inputOf(scores: tf.Tensor4D, saliency: readonly number[], label: number[]): LossInput {
  return {
    targets: { label: tf.tensor2d([label]) },
    views: [{ cam_tap: scores }],
    provided: { saliency: tf.tensor(saliency as number[], [1, 2, 2, 1]) },
  };
}

/** Background, a class that wins two pixels and one that wins one. */
const P = [[0.1, 0.8, 0.1], [0.3, 0.6, 0.1], [0.2, 0.2, 0.6], [0.8, 0.1, 0.1]] as const;

/** What is salient, and which classes the image has: M_fg and M_bg of each pixel by hand. */
const CASES = [
  {
    what: "a class whose pixels are half salient is foreground above tau 0.4",
    saliency: [1, 0, 0, 0],
    label: [1, 0],
    tau: 0.4,
    foreground: P.map(([, a]) => a),
    background: P.map(([b]) => b),
  },
  {
    what: "and counts as background below tau 0.6",
    saliency: [1, 0, 0, 0],
    label: [1, 0],
    tau: 0.6,
    foreground: P.map(() => 0),
    background: P.map(([b, a]) => b + a),
  },
  {
    what: "a class without a salient pixel counts as background, beside one that is foreground",
    saliency: [1, 1, 0, 0],
    label: [1, 1],
    tau: 0.4,
    foreground: P.map(([, a]) => a),
    background: P.map(([b, , c]) => b + c),
  },
  {
    what: "a class that the image does not have counts for neither",
    saliency: [0, 0, 1, 0],
    label: [1, 0],
    tau: 0.4,
    foreground: P.map(() => 0),
    background: P.map(([b, a]) => b + a),
  },
];

for (const { what, saliency, label, tau, foreground, background } of CASES) {
  eachBackend(`EPS: ${what}`, async () => {
    for (const lambda of [0.5, 0.3]) {
      const loss = await makeLoss("eps", { tau, lambda });
      const result = tf.tidy(() => loss.compute(inputOf(scoresOf(P), saliency, label), FIRST_STEP));
      const [value] = await result.data();
      result.dispose();
      const squares = saliency.map((s, i) =>
        (lambda * foreground[i]! + (1 - lambda) * (1 - background[i]!) - s) ** 2
      );
      const wanted = squares.reduce((sum, square) => sum + square) / 4;
      assertAlmostEquals(value!, wanted, 2e-6);
    }
  });
}

Deno.test("EPS's gradient is that of the loss, the choice of classes held", async () => {
  const loss = await makeLoss("eps");
  const { differences } = await checkGradient(
    ({ scores }) =>
      loss.compute(
        inputOf(tf.add(scores as tf.Tensor4D, scoresOf(P)), [1, 0.4, 0, 0], [1, 1]),
        FIRST_STEP,
      ),
    { scores: uniform([1, 2, 2, 3], [-0.05, 0.05]) },
  );
  assertEquals(Object.keys(differences), ["scores"]);
});

const REFUSED: readonly Refused[] = [
  [WORLD, "{ use: mini, size: 16 }", "saliency"],
  ["method: eps", "method: { use: eps, map: salience }", "salience"],
  ["method: eps", "method: classification-cam", "loss eps needs saliency"],
  ["method: eps", "method: { use: eps, full: 0 }", "full"],
  ["tau: 0.4", "tau: 40", "tau"],
  ["tau: 0.4", "lamda: 0.5", 'did you mean "lambda"?'],
  ["head: { use: eps, dropout: 0.3 }", "head: cam", "needs cam_tap"],
];

Deno.test("EPS: wrong options and a data set without saliency are refused by name", async () => {
  await assertRefused(RECIPE, REFUSED);
});
