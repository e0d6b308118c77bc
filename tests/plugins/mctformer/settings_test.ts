import { assertEquals } from "@std/assert";
import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import { fromFileUrl } from "../../../core/recipe/paths.ts";
import { plugins } from "../../../plugins/mod.ts";

const RECIPE = fromFileUrl(new URL("../../../recipes/voc12/mctformer.yaml", import.meta.url));

const { recipe } = await loadRecipe(RECIPE, { plugins, environment: () => undefined, cwd: "/" });
const stages = new Map(recipe.stages.map((stage) => [stage.id, stage]));

Deno.test("recipes/voc12/mctformer.yaml trains as main.py and run.sh of xulianuwa/MCTformer do", () => {
  const { backbone, head, method, losses, optimizer, epochs, transforms, split } = stages.get(
    "train",
  )!;
  const { weights: _, mean: __, std: ___, ...vit } = backbone as Record<string, unknown>;
  // deit_small_MCTformerV2_patch16_224; interpolation without antialias, --drop-path 0.1.
  assertEquals(vit, {
    ...{ use: "vit", patch: 16, channels: 384, depth: 12, heads: 6, mlpRatio: 4, imageSize: 224 },
    ...{ antialias: false, classTokens: "classes", attention: true, tokens: [11], dropPath: 0.1 },
  });
  // --layer-index 3; x_cls and x_patch of the last block.
  assertEquals(head, { use: "mctformer", tokens: "blocks.11", attentionLayers: 3 });
  const always = { weight: 1, start: 0 };
  assertEquals({ method, losses, split, epochs }, {
    method: { use: "classification-cam" },
    losses: [
      { use: "classification", output: "class_scores", as: "tokens", ...always },
      { use: "classification", output: "patch_scores", as: "patches", ...always },
    ],
    split: "trainaug",
    epochs: 60,
  });
  const batch = 64, lr = 5e-4 * batch / 512, images = 10_582;
  assertEquals(optimizer, {
    use: "adamw",
    lr,
    ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
    // timm: no decay of vectors, nor of cls_token and pos_embed.
    groups: [
      { match: ["cls_token", "class_tokens", "pos_embed", "*norm*"], lr: 1, weightDecay: 0 },
    ],
    schedule: {
      use: "warmup",
      steps: 5 * Math.floor(images / batch),
      then: { use: "cosine", floor: 1e-5 / lr },
    },
  });
  assertEquals((stages.get("train")!["batch"] as { size: number }).size, batch);
  assertEquals(transforms, [
    { use: "random-resized-crop", size: 224, area: [0.08, 1], shape: [3 / 4, 4 / 3] },
    { use: "flip", probability: 0.5 },
    // --aa rand-m9-mstd0.5-inc1; timm jitters no colours beside it.
    { use: "rand-augment", magnitude: 9, deviation: 0.5, operations: 2, probability: 0.5 },
    { use: "normalize" },
    // --reprob, --remode, --recount 1.
    {
      use: "random-erasing",
      ...{ probability: 0.25, minArea: 0.02, maxArea: 1 / 3, minAspect: 0.3 },
      ...{ mode: "pixel", mask: "keep" },
    },
  ]);
});

Deno.test("recipes/voc12/mctformer.yaml infers as engine.py does: one scale, mirrored, fused and refined", () => {
  const { split, output, scales, flip } = stages.get("cams")!;
  assertEquals({ split, output, scales, flip }, {
    split: "trainaug",
    output: "cam_rv",
    scales: [1],
    flip: true,
  });
  assertEquals(stages.get("score")!["metric"], {
    use: "miou",
    predictions: "cams",
    alpha: { sweep: [0, 0.59, 0.01] },
  });
});
