import { assertEquals } from "@std/assert";
import { stagesOf } from "../../recipe_stages.ts";

const stages = await stagesOf("voc12/recam.yaml");

/** misc/torchutils.py: PolyOptimizer gets weight decay in momentum's place, and hands 1e-4 on as both. */
const SGD = {
  use: "sgd",
  momentum: 1e-4,
  weightDecay: 1e-4,
  schedule: { use: "poly", power: 0.9 },
};

/** voc12/dataloader.py: resized, normalised, mirrored, cropped onto zeros. */
const TRANSFORMS = [
  { use: "random-resize-long", min: 320, max: 640 },
  { use: "normalize" },
  { use: "flip", probability: 0.5 },
  { use: "random-crop", size: 512, fill: "mean" },
];

const always = { weight: 1, start: 0 };

Deno.test("recipes/voc12/recam.yaml trains the classifier as train_cam.py does", () => {
  const { losses, optimizer, epochs, transforms, split, batch } = stages.get("cam")!;
  assertEquals({ losses, optimizer, epochs, transforms, split }, {
    split: "trainaug",
    losses: [{ use: "classification", ...always }],
    optimizer: { ...SGD, lr: 0.1, groups: [{ pretrained: false, lr: 10 }] },
    epochs: 5,
    transforms: TRANSFORMS,
  });
  assertEquals((batch as { size: number }).size, 16);
});

Deno.test("recipes/voc12/recam.yaml goes on from it as train_recam.py does", () => {
  const { losses, optimizer, epochs, transforms, split, batch, backbone, head } = stages.get(
    "recam",
  )!;
  assertEquals({ losses, optimizer, epochs, transforms, split, head }, {
    split: "trainaug",
    head: { use: "recam" },
    // --recam_loss_weight 1.0
    losses: [{ use: "classification", output: "cam_map", ...always }, { use: "recam", ...always }],
    // --recam_learning_rate 0.0005, a tenth of it for what is trained already
    optimizer: { ...SGD, lr: 5e-5, groups: [{ match: ["recam.*"], lr: 10 }] },
    epochs: 4,
    transforms: TRANSFORMS,
  });
  assertEquals((batch as { size: number }).size, 16);
  const { weights, ...network } = backbone as Record<string, unknown>;
  assertEquals(weights, { use: "stage", from: "cam", allowMissing: ["recam.*"] });
  const { weights: _, ...first } = stages.get("cam")!["backbone"] as Record<string, unknown>;
  assertEquals(network, first);
});

Deno.test("recipes/voc12/recam.yaml infers and scores as make_recam.py and eval_cam.py do", () => {
  const { scales, flip, output, normalize } = stages.get("cams")!;
  assertEquals({ scales, flip, output, normalize }, {
    scales: [1, 0.5, 1.5, 2],
    flip: true,
    output: "recam",
    normalize: "max",
  });
  const { split, metric } = stages.get("score")!;
  assertEquals({ split, metric }, {
    split: "train",
    metric: { use: "miou", predictions: "cams", alpha: 0.21 },
  });
});
