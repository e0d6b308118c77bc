import { assertEquals } from "@std/assert";
import type { Kind } from "../core/registry/plugin.ts";
import { Registry } from "../core/registry/registry.ts";
import { RADIUS } from "../plugins/wsss/pairs/pairs.ts";
import { WALK_OPTIONS } from "../plugins/affinitynet/random_walk/walk.ts";
import { plugins } from "../plugins/mod.ts";
import { stagesOf } from "./recipe_stages.ts";

const stages = await stagesOf("voc12/seam.yaml");

/** Some options of a stage. */
function of(id: string, ...keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, stages.get(id)![key]]));
}

/** As train_SEAM.py and train_aff.py: PolyOptimizer gets weight decay in momentum's place, and hands 5e-4 on as both. */
const SGD = {
  use: "sgd",
  lr: 0.01,
  momentum: 5e-4,
  weightDecay: 5e-4,
  groups: [
    { pretrained: true, role: "bias", lr: 2 },
    { pretrained: false, role: "weight", lr: 10 },
    { pretrained: false, role: "bias", lr: 20 },
  ],
  schedule: { use: "poly", power: 0.9 },
};

const JITTER = { use: "color-jitter", brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1 };
const FLIP = { use: "flip", probability: 0.5 };
/** Crops normalised pixels, AffinityNet's those before. */
const CROP = { use: "random-crop", size: 448, fill: "mean" };
const CROP_OF_PIXELS = { ...CROP, fill: "black" };

/** `crf_inference` of `tool/imutils.py`. */
const CRF = {
  use: "dense-crf",
  iterations: 10,
  gaussian: { sxy: 3, compat: 3 },
  bilateral: { sxy: 80, srgb: 13, compat: 10 },
  device: "auto",
};

Deno.test("recipes/voc12/seam.yaml trains SEAM as train_SEAM.py does", () => {
  const { losses, method, optimizer, epochs, transforms, split } = stages.get("seam")!;
  const always = { weight: 1, start: 0 };
  assertEquals({ losses, method, optimizer, epochs, transforms, split }, {
    split: "trainaug",
    method: { use: "seam", view: { use: "rescale", scale: 0.3 }, outputs: [] },
    losses: [
      { use: "classification", ...always },
      { use: "min-pooling", ...always },
      { use: "er", ...always },
      { use: "ecr", ohem: 0.2, ...always },
    ],
    optimizer: SGD,
    epochs: 8,
    transforms: [
      { use: "random-resize-long", min: 448, max: 768 },
      FLIP,
      JITTER,
      { use: "normalize" },
      CROP,
    ],
  });
  assertEquals((stages.get("seam")!["batch"] as { size: number }).size, 8);
  assertEquals(of("seam", "head"), {
    head: {
      use: "seam",
      dropout: 0.5,
      low: "conv4",
      mid: "conv5",
      lowChannels: 64,
      midChannels: 128,
      featureChannels: 192,
      imageScale: 1,
    },
  });
  const { width, trainFrom } = stages.get("seam")!["backbone"] as Record<string, unknown>;
  assertEquals({ width, trainFrom }, { width: 64, trainFrom: "b3" });
});

Deno.test("recipes/voc12/seam.yaml infers and refines CAMs as infer_SEAM.py does", () => {
  assertEquals(of("cams", "split", "scales", "flip"), {
    split: "trainaug",
    scales: [0.5, 1, 1.5, 2],
    flip: true,
  });
  for (const [id, power] of [["la", 4], ["ha", 24]] as const) {
    assertEquals(of(id, "from", "refinements"), {
      from: "cams",
      refinements: [{ use: "power-background", power }, CRF],
    });
  }
  // evaluation.py --curve: 0.00 to 0.59.
  assertEquals(of("score", "split", "metric"), {
    split: "train",
    metric: { use: "miou", predictions: "cams", alpha: { sweep: [0, 0.59, 0.01] } },
  });
});

Deno.test("recipes/voc12/seam.yaml trains AffinityNet as train_aff.py does: cropped before it is normalised", () => {
  assertEquals(of("affinity", "split", "masks", "head", "optimizer", "epochs", "transforms"), {
    split: "trainaug",
    masks: "affinity-labels",
    head: {
      use: "affinity",
      low: "conv4",
      mid: "conv5",
      lowChannels: 64,
      midChannels: 128,
      deepChannels: 256,
    },
    optimizer: SGD,
    epochs: 8,
    transforms: [JITTER, CROP_OF_PIXELS, { use: "normalize" }, FLIP],
  });
  assertEquals((stages.get("affinity")!["batch"] as { size: number }).size, 8);
  assertEquals(of("affinity-labels", "low", "high", "square"), {
    low: "la",
    high: "ha",
    square: 8,
  });
  assertEquals(RADIUS, 5);
});

Deno.test("recipes/voc12/seam.yaml walks as SEAM's infer_aff.py does: alpha 6, beta 8, logt 6", () => {
  assertEquals(of("walk", "from", "refinements"), {
    from: "cams",
    refinements: [
      { use: "power-background", power: 6 },
      { use: "random-walk", from: "affinity", beta: 8, logt: 6 },
    ],
  });
  assertEquals(WALK_OPTIONS, { beta: 8, logt: 6, stride: 8 });
});

Deno.test("recipes/voc12/seam.yaml retrains as semantic-segmentation-codebase's seamv1-pseudovoc does", () => {
  const { head, optimizer, losses } = stages.get("retrain")!;
  const { weights: _, ...backbone } = stages.get("retrain")!["backbone"] as Record<string, unknown>;
  // train.py never calls the backbone's train(), which alone freezes.
  assertEquals(backbone, {
    use: "resnet38",
    width: 64,
    trainFrom: "conv1a",
    norm: { momentum: 0.0003, statistics: 5 },
    dropout: [0.3, 0.5],
  });
  assertEquals(
    { head, optimizer, losses, ...of("retrain", "split", "masks", "maxSteps", "batch") },
    {
      split: "trainaug",
      masks: "walk",
      maxSteps: 20_000,
      // Ten images, five a GPU; DataParallel keeps the running statistics of the first.
      batch: { size: 10, micro: 5, runningStatistics: "first" },
      head: {
        use: "deeplabv1",
        channels: 512,
        dilation: 12,
        dropout: 0.5,
        momentum: 3e-4,
        statistics: 5,
      },
      losses: [{ use: "cross-entropy", mean: "batch", weight: 1, start: 0 }],
      optimizer: {
        use: "sgd",
        lr: 0.001,
        momentum: 0.9,
        weightDecay: 5e-4,
        groups: [
          { match: ["*bn*"], lr: 0, weightDecay: 0 },
          ...SGD.groups.slice(1),
        ],
        // 1 - itr / (max_itr + 1)
        schedule: { use: "poly", power: 0.9, steps: 20_001 },
      },
    },
  );
  assertEquals(of("retrain", "transforms"), {
    transforms: [
      { use: "hsv", hue: 10, saturation: 10, value: 10 },
      FLIP,
      { use: "scale", min: 0.5, max: 1.5 },
      { use: "normalize" },
      CROP,
    ],
  });
});

Deno.test("recipes/voc12/seam.yaml tests the retrained network as the authors do: six scales, mirrored, one CRF iteration", () => {
  for (const id of ["retrain-train", "val", "test"]) {
    assertEquals(of(id, "scales", "flip", "average", "refinements"), {
      scales: [0.5, 0.75, 1, 1.25, 1.5, 1.75],
      flip: true,
      average: "logits",
      refinements: [{ ...CRF, iterations: 1, bilateral: { sxy: 32, srgb: 13, compat: 10 } }],
    });
  }
});

/** Plugins whose defaults are the authors', beside the CRF, whose test is its own: kind, name, settings. */
const DEFAULTS: readonly (readonly [Kind, string, Record<string, unknown>])[] = [
  ["transform", "random-resize-long", { min: 448, max: 768 }],
  ["transform", "random-crop", { size: 448, fill: "mean" }],
  ["transform", "color-jitter", { brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1 }],
  ["transform", "flip", { probability: 0.5 }],
  ["transform", "hsv", { hue: 10, saturation: 10, value: 10 }],
  ["transform", "scale", { min: 0.5, max: 1.5 }],
  ["view", "rescale", { scale: 0.3 }],
  ["view", "rotate", { degrees: 20 }],
  ["view", "translate", { pixels: 15 }],
  ["schedule", "poly", { power: 0.9 }],
  ["loss", "ecr", { ohem: 0.2 }],
  ["refinement", "threshold", { alpha: 0.26 }],
  ["refinement", "random-walk", { from: "affinity", beta: 8, logt: 6 }],
];

for (const [kind, name, wanted] of DEFAULTS) {
  Deno.test(`the ${kind} ${name} has the authors' settings by default`, () => {
    const { options } = new Registry(plugins).find(kind, name)!;
    const { from } = wanted;
    const { weight: _, start: __, ...found } = options.parse({ ...from !== undefined && { from } });
    assertEquals(found, wanted);
  });
}
