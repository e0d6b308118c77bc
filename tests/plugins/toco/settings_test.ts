import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../../../core/recipe/paths.ts";
import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import { plugins } from "../../../plugins/mod.ts";

const RECIPE = fromFileUrl(new URL("../../../recipes/voc12/toco.yaml", import.meta.url));

const { recipe } = await loadRecipe(RECIPE, { plugins, environment: () => undefined, cwd: "/" });
const stages = new Map(recipe.stages.map((stage) => [stage.id, stage]));
const train = stages.get("train")!;

Deno.test("recipes/voc12/toco.yaml has the network of model_seg_neg.py, on deit_base_patch16_224", () => {
  const { weights: _, mean: __, std: ___, ...vit } = train["backbone"] as Record<string, unknown>;
  assertEquals(vit, {
    ...{ use: "vit", patch: 16, channels: 768, depth: 12, heads: 12, mlpRatio: 4, imageSize: 224 },
    ...{ antialias: false, classTokens: "one", attention: false, tokens: [9], dropPath: 0 },
  });
  // embeds[-3] of twelve blocks; LargeFOV: 512 channels, dilation 5.
  assertEquals(train["head"], {
    use: "toco",
    auxiliary: "blocks.9",
    channels: 512,
    dilation: 5,
  });
});

Deno.test("recipes/voc12/toco.yaml trains as dist_train_voc_seg_neg.py does", () => {
  assertEquals(train["method"], {
    use: "toco",
    scales: [1, 0.5, 1.5], // --cam_scales
    high: 0.7,
    low: 0.25,
    reduce: 2, // down_scale
    dilations: [1, 2, 4, 8, 12, 24],
    iterations: 10,
    // crop_from_roi_neg with ncrops - 2, --local_crop_size; CTCHead(out_dim=1024); --momentum.
    contrast: {
      ...{ crops: 8, side: 96, area: [0.4, 1], momentum: 0.9 },
      ...{ hidden: 2048, bottleneck: 256, output: 1024 },
    },
  });
  const always = { start: 0 };
  assertEquals(train["losses"], [
    { use: "classification", output: "class_scores", as: "scores", weight: 1, ...always },
    { use: "classification", output: "aux_scores", as: "aux-scores", weight: 1, ...always },
    { use: "ptc", mean: "batch", weight: 0.2, ...always },
    { use: "ctc", temperature: 0.5, weight: 0.5, ...always },
    // n_iter <= 2000: nothing yet.
    { use: "cross-entropy", halves: true, mean: "batch", as: "masks", weight: 0.1, start: 2001 },
    {
      use: "dense-energy",
      // DenseEnergyLoss(weight=1e-7, sigma_rgb=15, sigma_xy=100, scale_factor=0.5), of a lattice that gives 0.6 of the kernel; --w_reg.
      ...{ sigmaRgb: 15, sigmaXy: 100, scale: 0.5, factor: 6e-8, gradient: "authors" },
      ...{ weight: 0.05, start: 2001 },
    },
  ]);
  assertEquals(train["optimizer"], {
    use: "adamw",
    ...{ lr: 6e-5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
    groups: [
      { match: ["pos_embed"], lr: 0, weightDecay: 0 },
      { pretrained: true, lr: 1, weightDecay: 0.01 },
      { pretrained: false, lr: 10, weightDecay: 0.01 },
    ],
    schedule: {
      use: "warmup",
      steps: 1500,
      then: { use: "poly", power: 0.9, steps: 20_000 },
    },
  });
  const { split, epochs, maxSteps, batch } = train;
  // Two GPUs, --spg 2.
  assertEquals({ split, maxSteps, batch }, {
    split: "trainaug",
    maxSteps: 20_000,
    batch: { size: 4, micro: 2 },
  });
  assert((epochs as number) * Math.floor(10_582 / 4) >= 20_000);
  assertEquals(train["transforms"], [
    { use: "scale", min: 0.5, max: 2 },
    { use: "flip", probability: 0.5 },
    // global_view1: flip_and_color_jitter, gaussian_blur(p=1.0).
    {
      use: "color-jitter",
      ...{ brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1, probability: 0.8 },
    },
    { use: "grayscale", probability: 0.2 },
    { use: "gaussian-blur", probability: 1, min: 0.1, max: 2 },
    { use: "normalize" },
    { use: "random-crop", size: 448, fill: "mean" },
  ]);
});

Deno.test("recipes/voc12/toco.yaml segments at the scales and with the CRF of infer_seg_voc.py", () => {
  const { scales, flip, refinements } = stages.get("val")!;
  const [crf] = refinements as Record<string, unknown>[];
  assertEquals({ scales, flip }, { scales: [1, 1.5, 1.25], flip: true });
  const { iterations, gaussian, bilateral } = crf!;
  assertEquals({ iterations, gaussian, bilateral }, {
    iterations: 10,
    gaussian: { sxy: 1, compat: 1 },
    bilateral: { sxy: 121, srgb: 5, compat: 4 },
  });
});

Deno.test("recipes/voc12/toco.yaml infers CAMs at the scales of infer_cam.py, mirrored", () => {
  const { split, scales, flip } = stages.get("cams")!;
  // multi_scale_cam2(model, inputs, [1.0, 0.5, 1.5]), which adds the mirrored image.
  assertEquals({ split, scales, flip }, { split: "train", scales: [1, 0.5, 1.5], flip: true });
  // Its --bkg_thre 0.5 is one of these.
  assertEquals(stages.get("score")!["metric"], {
    use: "miou",
    predictions: "cams",
    alpha: { sweep: [0, 0.99, 0.01] },
  });
});
