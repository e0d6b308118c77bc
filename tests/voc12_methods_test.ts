import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import type { RecipeStage } from "../core/recipe/schema.ts";
import { plugins } from "../plugins/mod.ts";
import { loadRecipe } from "../plugins/recipe_files/load.ts";

/** A stage of a method's recipe with every default filled in: what a run does, whatever is written out. */
async function stageOf(recipe: string, id: string): Promise<RecipeStage> {
  const path = fromFileUrl(new URL(`../recipes/voc12/${recipe}.yaml`, import.meta.url));
  const loaded = await loadRecipe(path, { plugins, environment: () => undefined, cwd: "/" });
  return loaded.recipe.stages.find((stage) => stage.id === id)!;
}

/** Some options of a stage. */
function some(stage: RecipeStage, ...keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, stage[key]]));
}

/** Learning rates of the authors' four groups, beside what weight decay biases have: none. */
const GROUPS = [
  { pretrained: true, role: "bias", lr: 2 },
  { pretrained: false, role: "weight", lr: 10 },
  { pretrained: false, role: "bias", lr: 20 },
];

Deno.test("recipes/voc12/puzzle-cam.yaml trains as train_classification_with_puzzle.py does with the README's options", async () => {
  const stage = await stageOf("puzzle-cam", "train");
  const { weights: _, ...backbone } = stage["backbone"] as Record<string, unknown>;
  assertEquals(backbone, {
    use: "resnet50",
    // strides (2, 2, 2, 1), dilations (1, 1, 1, 1)
    outputStride: 16,
    dilate: false,
    trainFrom: "conv1",
    // --mode normal, a GPU's part of 32 images
    norm: { momentum: 0.1, statistics: 8 },
    width: 64,
  });
  const classify = { use: "classification", output: "cam_tap", weight: 1, start: 0 };
  assertEquals(
    some(stage, "split", "head", "method", "losses", "optimizer", "batch", "epochs", "transforms"),
    {
      split: "trainaug",
      head: { use: "puzzle-cam", dropout: 0 },
      method: { use: "puzzle-cam", pieces: 2 },
      losses: [
        { ...classify, view: 0 },
        { ...classify, view: 1, as: "tiles" },
        {
          use: "puzzle-cam",
          output: "cam_tap",
          classes: "present",
          // --alpha 4.00 --alpha_schedule 0.50
          weight: { use: "ramp", part: 0.5, times: 4 },
          start: 0,
        },
      ],
      optimizer: {
        use: "sgd",
        lr: 0.1,
        momentum: 1e-4,
        nesterov: true,
        weightDecay: 1e-4,
        groups: GROUPS,
        schedule: { use: "poly", power: 0.9 },
      },
      batch: { size: 32, micro: 8, runningStatistics: "first" },
      epochs: 15,
      transforms: [
        { use: "random-resize-long", min: 320, max: 640 },
        { use: "flip", probability: 0.5 },
        { use: "normalize" },
        { use: "random-crop", size: 512, fill: "mean" },
      ],
    },
  );
});

Deno.test("recipes/voc12/puzzle-cam.yaml infers CAMs as inference_classification.py does", async () => {
  assertEquals(some(await stageOf("puzzle-cam", "cams"), "split", "scales", "flip", "output"), {
    split: "trainaug",
    scales: [0.5, 1, 1.5, 2],
    flip: true,
    output: "cam_positive",
  });
});

Deno.test("recipes/voc12/eps.yaml trains as script/voc12_eps.sh does", async () => {
  const stage = await stageOf("eps", "train");
  const { weights: _, ...backbone } = stage["backbone"] as Record<string, unknown>;
  const { width, trainFrom, norm, dropout } = backbone;
  // conv1a, b2, b2_1 and b2_2 are frozen; batch norms too.
  assertEquals({ width, trainFrom, norm, dropout }, {
    width: 64,
    trainFrom: "b3",
    norm: "frozen",
    dropout: [0.3, 0.5],
  });
  assertEquals(
    some(
      stage,
      ...["split", "head", "method", "losses", "optimizer", "maxSteps", "transforms"],
    ),
    {
      split: "trainaug",
      head: { use: "eps", dropout: 0 },
      method: { use: "eps", map: "saliency", full: 255 },
      losses: [
        { use: "classification", output: "cam_tap", weight: 1, start: 0 },
        { use: "eps", output: "cam_tap", tau: 0.4, lambda: 0.5, weight: 1, start: 0 },
      ],
      optimizer: {
        use: "sgd",
        lr: 0.01,
        momentum: 5e-4,
        weightDecay: 5e-4,
        groups: GROUPS,
        schedule: { use: "poly", power: 0.9, steps: 20_000 },
      },
      maxSteps: 20_000,
      transforms: [
        { use: "random-resize-long", min: 256, max: 512 },
        { use: "flip", probability: 0.5 },
        { use: "color-jitter", brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1 },
        { use: "normalize" },
        { use: "random-crop", size: 448, fill: "mean" },
      ],
    },
  );
  assertEquals((stage["batch"] as { size: number }).size, 8);
  // 10,582 images, 1,322 full batches of 8 an epoch: the epochs must not end before the steps.
  assert((stage["epochs"] as number) * Math.floor(10_582 / 8) >= 20_000);
});

Deno.test("recipes/voc12/eps.yaml infers and scores CAMs as infer.py does", async () => {
  assertEquals(some(await stageOf("eps", "cams"), "split", "scales", "flip", "output"), {
    split: "trainaug",
    scales: [0.5, 1, 1.5, 2],
    flip: true,
    output: "cam_softmax",
  });
  const { metric } = some(await stageOf("eps", "score"), "metric");
  assertEquals((metric as { alpha: number }).alpha, 0.2);
});
