import { assert, assertRejects } from "@std/assert";
import { checkMicroBatches, checkResume, miniRun } from "seamstress/testing";
import { TRAIN } from "./setup.ts";

Deno.test("a training of ToCo that was broken off and resumed ends with the same bits, the teacher too", async () => {
  const { tensors } = await checkResume({ train: TRAIN });
  const wanted = ["decoder.conv8.weight", "teacher.last_layer.weight_v", "projection.mlp.4.bias"];
  for (const name of wanted) {
    assert(tensors.some((tensor) => tensor.endsWith(name)), `${name}: ${tensors.join()}`);
  }
});

Deno.test("a training of ToCo does not depend on its micro-batches: crops and views are the samples'", async () => {
  const { compared } = await checkMicroBatches({ train: TRAIN });
  const named = (text: string) => compared.some((what) => what.includes(text));
  assert(named("projection.last_layer.weight_v") && named("teacher.mlp.0.weight"), compared.join());
});

Deno.test("ToCo gives CAMs of both classifiers, and masks, of one training; its projections are not in the network", async () => {
  const stages = ["cam", "cam_aux"].flatMap((output) => [
    { id: output, run: "infer", from: "train", split: "train[0:4]", output },
    {
      id: `score-${output}`,
      run: "evaluate",
      from: output,
      metric: { use: "miou", alpha: 0.3 },
    },
  ]);
  const masks = { id: "masks", run: "segment", from: "train", split: "train[0:4]", scales: [1] };
  const metric = { use: "miou", predictions: "masks" };
  await using run = await miniRun({
    train: { ...TRAIN, epochs: 1 },
    stages: [...stages, masks, { id: "score", run: "evaluate", from: "masks", metric }],
  });
  for (const score of ["score-cam", "score-cam_aux", "score"]) {
    assert(run.scores[score]!["miou"]! > 0, score);
  }
  const names = new TextDecoder("latin1").decode(await Deno.readFile(run.weights));
  assert(names.includes("aux_classifier.weight") && !/projection|teacher/.test(names));
});

Deno.test("ToCo trains without class-token contrast too", async () => {
  const { losses, method } = TRAIN;
  const train = {
    ...TRAIN,
    epochs: 1,
    method: { ...method, contrast: false },
    losses: losses.filter(({ use }) => use !== "ctc"),
  };
  await using run = await miniRun({ train, stages: [] });
  assert(run.losses.every(({ loss }) => Number.isFinite(loss)));
});

/** What a recipe may have wrong, and what is said of it. */
const WRONG: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  [
    "an auxiliary tap that is none",
    { head: { use: "toco", auxiliary: "blocks.2" } },
    'it gives no tokens "blocks.2" (did you mean "blocks.1"?); valid: blocks.1, tokens',
  ],
  [
    "a token for each class",
    { backbone: { ...TRAIN.backbone, classTokens: "classes" } },
    "it has 6 class tokens; one is needed",
  ],
  ["no transformer", { backbone: "tiny" }, 'no tokens "blocks.1"; valid: none'],
  [
    "crops of half a patch",
    { method: { ...TRAIN.method, contrast: { ...TRAIN.method.contrast, side: 12 } } },
    "local crops of side 12 are no whole patches of 8",
  ],
  [
    "crops as large as the image",
    { method: { ...TRAIN.method, contrast: { ...TRAIN.method.contrast, side: 32 } } },
    "local crops of side 32 do not fit into images of 32x32",
  ],
  ["thresholds in the wrong order", { method: { use: "toco", high: 0.2 } }, "low must be <= high"],
  [
    "the loss of a contrast that is off",
    { method: { ...TRAIN.method, contrast: false } },
    "loss ctc needs student, teacher, positive",
  ],
  ["another method", { method: "classification-cam" }, "loss ptc needs patch_labels"],
  ["a misspelt option", { method: { use: "toco", scale: [1] } }, 'did you mean "scales"?'],
];

for (const [what, wrong, message] of WRONG) {
  Deno.test(`a recipe of ToCo with ${what} is refused`, async () => {
    await assertRejects(() => miniRun({ train: { ...TRAIN, ...wrong } }), Error, message);
  });
}
