import { assertEquals } from "@std/assert";
import { makeBackbone } from "../backbones/setup.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { irnPlugins } from "../../../plugins/irn/mod.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { stagesOf } from "../../recipe_stages.ts";

const stages = await stagesOf("voc12/irn.yaml");

/** Some options of a stage. */
function of(id: string, ...keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, stages.get(id)![key]]));
}

const SCHEDULE = { use: "poly", power: 0.9 };
const FLIP = { use: "flip", probability: 0.5 };
const CROP = { use: "random-crop", size: 512, fill: "mean" };
/** `crf_inference_label` of `misc/imutils.py`. */
const CRF = {
  use: "dense-crf",
  iterations: 10,
  gaussian: { sxy: 3, compat: 3 },
  bilateral: { sxy: 50, srgb: 5, compat: 10 },
  device: "auto",
};

Deno.test("recipes/voc12/irn.yaml makes CAMs as IRN's train_cam.py and make_cam.py do", () => {
  assertEquals(of("train", "split", "head", "losses", "epochs", "optimizer", "transforms"), {
    split: "trainaug",
    head: { use: "cam", dropout: 0 },
    losses: [{ use: "classification", weight: 1, start: 0 }],
    epochs: 5,
    optimizer: {
      use: "sgd",
      lr: 0.1,
      momentum: 1e-4,
      weightDecay: 1e-4,
      groups: [{ pretrained: false, lr: 10 }],
      schedule: SCHEDULE,
    },
    transforms: [
      { use: "random-resize-long", min: 320, max: 640 },
      { use: "normalize" },
      FLIP,
      CROP,
    ],
  });
  const { weights: _, ...network } = stages.get("train")!["backbone"] as Record<string, unknown>;
  // net/resnet50_cam.py: strides (2, 2, 2, 1), stage2's result is detached.
  assertEquals(network, {
    use: "resnet50",
    outputStride: 16,
    dilate: false,
    trainFrom: "layer3",
    norm: "frozen",
    width: 64,
  });
  assertEquals(of("cams", "scales", "flip", "normalize"), {
    scales: [1, 0.5, 1.5, 2],
    flip: true,
    normalize: "max",
  });
  assertEquals(stages.get("score")!["metric"], {
    use: "miou",
    predictions: "cams",
    alpha: 0.15,
  });
});

Deno.test("recipes/voc12/irn.yaml labels pixels as cam_to_ir_label.py does", () => {
  for (const [id, alpha] of [["foreground", 0.3], ["background", 0.05]] as const) {
    assertEquals(of(id, "from", "refinements"), {
      from: "cams",
      refinements: [
        { use: "threshold", alpha },
        { use: "hard-labels", probability: 0.7 },
        CRF,
      ],
    });
  }
  assertEquals(of("irn-labels", "foreground", "background"), {
    foreground: "foreground",
    background: "background",
  });
});

Deno.test("recipes/voc12/irn.yaml trains IRN as train_irn.py does", () => {
  assertEquals(
    of("irn", "split", "masks", "head", "method", "losses", "epochs", "optimizer", "transforms"),
    {
      split: "trainaug",
      masks: "irn-labels",
      head: { use: "irn", width: 64 },
      method: { use: "irn", radius: 10 },
      losses: [
        { use: "affinity", pairs: "all", mean: "image", weight: 1, start: 0 },
        { use: "displacement", pairs: "all", mean: "image", radius: 10, weight: 1, start: 0 },
      ],
      epochs: 3,
      optimizer: {
        use: "sgd",
        lr: 0.1,
        momentum: 1e-4,
        weightDecay: 0,
        groups: [
          { match: ["fc_edge*"], lr: 1, weightDecay: 1e-4 },
          { match: ["fc_dp*"], lr: 10, weightDecay: 1e-4 },
        ],
        schedule: SCHEDULE,
      },
      transforms: [{ use: "scale", min: 0.5, max: 1.5 }, { use: "normalize" }, FLIP, CROP],
    },
  );
  assertEquals((stages.get("irn")!["batch"] as { size: number }).size, 32);
});

Deno.test("recipes/voc12/irn.yaml walks as make_sem_seg_labels.py does", () => {
  assertEquals(of("walk", "from", "refinements"), {
    from: "cams",
    refinements: [
      { use: "boundary-walk", from: "irn", beta: 10, logt: 8, radius: 5 },
      { use: "threshold", alpha: 0.25 },
    ],
  });
});

Deno.test("on ResNet-50 the head irn has the parameters of net/resnet50_irn.py, MeanShift's mean aside", async () => {
  const { taps } = await makeBackbone("resnet50", { outputStride: 16, dilate: false });
  const head = await new Registry(irnPlugins).create("head", { use: "irn" }, { taps, classes: 20 });
  const shapes = new Map(head.params.map((spec) => [spec.name, torchShape(spec)]));
  const layer = (name: string, input: number, output: number) => [
    [`${name}.0.weight`, [output, input, 1, 1]],
    [`${name}.1.weight`, [output]],
    [`${name}.1.bias`, [output]],
  ];
  const inputs = [64, 256, 512, 1024, 2048];
  assertEquals(
    Object.fromEntries(shapes),
    Object.fromEntries([
      ...inputs.flatMap((input, i) => layer(`fc_edge${i + 1}`, input, 32)),
      ["fc_edge6.weight", [1, 160, 1, 1]],
      ["fc_edge6.bias", [1]],
      ...inputs.flatMap((input, i) => layer(`fc_dp${i + 1}`, input, [64, 128, 256, 256, 256][i]!)),
      ...layer("fc_dp6", 768, 256),
      ...layer("fc_dp7", 448, 256),
      ["fc_dp7.3.weight", [2, 256, 1, 1]],
    ]),
  );
});
