import { assertEquals } from "@std/assert";
import { stagesOf } from "../../recipe_stages.ts";

const stages = await stagesOf("voc12/advcam.yaml");

Deno.test("recipes/voc12/advcam.yaml trains as AdvCAM's step/train_cam.py does", () => {
  const { backbone, head, losses, optimizer, epochs, transforms, split } = stages.get("train")!;
  const { weights: _, ...network } = backbone as Record<string, unknown>;
  assertEquals({ network, head, losses, optimizer, epochs, transforms, split }, {
    split: "trainaug",
    // net/resnet50_cam.py: strides (2, 2, 2, 1), conv1 and its norm frozen.
    network: {
      use: "resnet50",
      outputStride: 16,
      dilate: false,
      trainFrom: "layer1",
      norm: "frozen",
      width: 64,
    },
    head: { use: "cam", dropout: 0 },
    losses: [{ use: "classification", weight: 1, start: 0 }],
    // PolyOptimizer gets weight decay in momentum's place.
    optimizer: {
      use: "sgd",
      lr: 0.1,
      momentum: 1e-4,
      weightDecay: 1e-4,
      groups: [{ pretrained: false, lr: 10 }],
      schedule: { use: "poly", power: 0.9 },
    },
    epochs: 5,
    transforms: [
      { use: "random-resize-long", min: 320, max: 640 },
      { use: "normalize" },
      { use: "flip", probability: 0.5 },
      { use: "random-crop", size: 512, fill: "mean" },
    ],
  });
  assertEquals((stages.get("train")!["batch"] as { size: number }).size, 16);
});

Deno.test("recipes/voc12/advcam.yaml climbs as obtain_CAM_masking.py does", () => {
  assertEquals(stages.get("cams"), {
    id: "cams",
    run: "infer-advcam",
    from: "train",
    split: "trainaug",
    scales: [0.5, 1, 1.5, 2],
    output: "cam",
    iterations: 27,
    stepSize: 0.08,
    regularize: 7,
    threshold: 0.5,
  });
  // run_sample.py: range(15, 35) hundredths.
  assertEquals(stages.get("score")!["metric"], {
    use: "miou",
    predictions: "cams",
    alpha: { sweep: [0.15, 0.34, 0.01] },
  });
});
