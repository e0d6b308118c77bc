import * as tf from "@tensorflow/tfjs";
import { withClipping } from "../../../plugins/wsss/optimizers/clip.ts";
import { Model } from "../../../plugins/wsss/training/model.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { microBatches } from "../../../core/trainer/micro_batch.ts";
import { takeStep } from "../../../plugins/wsss/training/take_step.ts";
import { plugins } from "../../../plugins/mod.ts";

const registry = new Registry(plugins);
const CLASSES = 6;
const SEAM_LOSSES = ["classification", "min-pooling", "er", "ecr"];

/** A network and what it trains on. */
export interface Network {
  readonly title: string;
  readonly backbone: Use<"backbone">;
  readonly head: Use<"head">;
  readonly method: Use<"method">;
  readonly losses: readonly string[];
  readonly size: number;
  readonly recompute?: "blocks";
}

/** ResNet38 of which nothing is frozen, its batch norms neither. */
const RETRAINED = {
  backbone: { use: "resnet38", width: 1, trainFrom: "conv1a", norm: { statistics: 3 } },
  head: { use: "deeplabv1", channels: 8, dilation: 2 },
  method: { use: "segmentation" },
  losses: ["cross-entropy"],
  size: 33,
} as const;

/** A classifier of photographs. */
const CAM = {
  head: { use: "cam" },
  method: { use: "classification-cam" },
  losses: ["classification"],
  size: 48,
} as const;

/** Networks whose training steps are traced. */
export const NETWORKS: readonly Network[] = [
  {
    title: "the tiny baseline",
    backbone: { use: "tiny" },
    head: { use: "cam" },
    method: { use: "classification-cam" },
    losses: ["classification"],
    size: 37,
  },
  {
    title: "tiny SEAM",
    backbone: { use: "tiny" },
    head: { use: "seam", low: "t3", mid: "t4", lowChannels: 8, midChannels: 16, imageScale: 4 },
    method: { use: "seam", view: { use: "rescale", scale: 0.5 } },
    losses: SEAM_LOSSES,
    size: 48,
  },
  {
    title: "MobileNetV2 SEAM",
    backbone: { use: "mobilenetv2", width: 0.5 },
    head: { use: "seam", low: "features.17", mid: "features.18" },
    method: { use: "seam", view: { use: "rescale", scale: 0.3 } },
    losses: SEAM_LOSSES,
    size: 97,
  },
  { title: "retraining", ...RETRAINED },
  {
    title: "ResNet-50",
    backbone: { use: "resnet50", width: 4, outputStride: 8, trainFrom: "layer2" },
    ...CAM,
  },
  {
    title: "ResNet-50, blocks computed again",
    backbone: { use: "resnet50", width: 4 },
    ...CAM,
    recompute: "blocks",
  },
  {
    title: "VGG16",
    backbone: { use: "vgg16", width: 4, batchNorm: true, norm: { statistics: 3 } },
    ...CAM,
  },
  { title: "a mix transformer", backbone: { use: "mit", width: 8 }, ...CAM },
  {
    title: "a vision transformer",
    backbone: { use: "vit", patch: 8, channels: 32, depth: 4, heads: 4, imageSize: 32 },
    ...CAM,
  },
  { title: "retraining, blocks computed again", ...RETRAINED, recompute: "blocks" },
];

/** One optimizer step of two micro-batches, from parameters to losses. */
export async function step(network: Network): Promise<void> {
  const backbone = await registry.create("backbone", network.backbone, undefined);
  const head = await registry.create("head", network.head, {
    taps: backbone.taps,
    classes: CLASSES,
  });
  const method = await registry.create("method", network.method, undefined);
  const losses = await Promise.all(
    network.losses.map(async (use) => ({
      name: use,
      loss: await registry.create("loss", { use }, undefined),
      weight: 1,
      start: 0,
    })),
  );
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(1));
  const sgd: Use<"optimizer"> = { use: "sgd", lr: 0.01, momentum: 0.9, weightDecay: 1e-4 };
  const optimizer = await registry.create("optimizer", sgd, { params, totalSteps: 1 });
  const { size, recompute } = network;
  const batch = {
    indices: [0, 1, 2],
    names: ["a", "b", "c"],
    shape: [3, size, size, 3] as const,
    image: new Float32Array(3 * size * size * 3),
    label: new Float32Array(3 * CLASSES).fill(1),
    classes: CLASSES,
    mask: new Uint8Array(3 * size * size),
  };
  const values = takeStep(
    {
      stage: "train",
      model: new Model(backbone, head, params),
      method,
      losses,
      optimizer: withClipping(optimizer, { norm: 5, match: ["*"] }, params),
      ...recompute && { recompute },
      seed: 1,
    },
    losses,
    microBatches(batch, 2),
    0,
  );
  await values[0]!.data();
  tf.dispose(values);
  optimizer.dispose();
  params.dispose();
}
