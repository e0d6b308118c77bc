import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { type Backbone, definePlugin, inference } from "seamstress";
import { normOption } from "seamstress/wsss";
import { runFrozen } from "./frozen.ts";
import { features, featureSpecs, runFeature } from "./mobilenetv2_units.ts";

/** Last entry of every resolution and width; each is a tap. */
const TAPS = new Set([1, 3, 6, 10, 13, 17, 18].map((i) => `features.${i}`));

/** What can train first; `head` is nothing of the backbone. */
const TRAIN_FROM = [...Array.from({ length: 19 }, (_, i) => `features.${i}`), "head"];

const triple = z.tuple([z.number(), z.number(), z.number()]).readonly();

/**
 * MobileNetV2 (Sandler et al., CVPR 2018) of any width with torchvision's names, batch norm frozen unless told otherwise. Taps are named
 * as torchvision's modules: `features.10` (64 channels at width 1), `features.17` (320), `features.18` (1280) and the ends of the other stages.
 */
export const mobilenetv2 = definePlugin({
  kind: "backbone",
  name: "mobilenetv2",
  summary: "MobileNetV2 of any width, output stride 8, 16 or 32 by dilation, torchvision names",
  options: z.strictObject({
    outputStride: z.union([z.literal(8), z.literal(16), z.literal(32)]).default(32).describe(
      "input pixels per pixel of the last tap; below 32, late strides become dilation",
    ),
    padding: z.enum(["torch", "same"]).default("torch").describe(
      "border of 3x3 convolutions: PyTorch's symmetric zeros, or TensorFlow's SAME, as the weights were trained",
    ),
    mean: triple.default([0.485, 0.456, 0.406]).describe("subtracted from RGB in 0..1"),
    std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).readonly()
      .default([0.229, 0.224, 0.225]).describe("divides what is left"),
    width: z.number().positive().default(1).describe(
      "multiplies the channels, as torchvision's width_mult; each is a multiple of 8",
    ),
    trainFrom: z.enum(TRAIN_FROM).optional().describe(
      "what trains first, all where not given; head is nothing of the backbone, whose maps are then as pretrained",
    ),
    norm: normOption(0.1),
  }),
  create({ outputStride, padding, mean, std, width, trainFrom, norm }): Backbone {
    const all = features(outputStride, width, Math.max(0, TRAIN_FROM.indexOf(trainFrom ?? "")));
    const trained = all.filter(({ trainable }) => trainable);
    return {
      taps: all.filter(({ name }) => TAPS.has(name))
        .map(({ name, output, outputStride: stride }) => ({ name, channels: output, stride })),
      params: all.flatMap((feature) => featureSpecs(feature, norm)),
      ...norm !== "frozen" && trained.length > 0 && { statistics: norm.statistics },
      input: { mean, std },
      card: { padding, mean: mean.join(), std: std.join() },
      blocks: trained.map(({ name }) => name),
      forward: (image, params, context) =>
        tf.tidy(() => {
          const taps: Record<string, tf.Tensor4D> = {};
          const frozen = {
            params,
            norm: "frozen",
            padding,
            context: inference,
            first: false,
          } as const;
          let x = image;
          for (const feature of all) {
            const first = feature === trained[0];
            const y = feature.trainable
              ? runFeature(feature, x, { params, norm, padding, context, first })
              : runFrozen(context, () => runFeature(feature, x, frozen));
            // Freed at once, unless someone else holds it: inference keeps one layer in memory.
            if (x !== image && !Object.values(taps).includes(x)) x.dispose();
            if (TAPS.has(feature.name)) taps[feature.name] = y;
            x = y;
          }
          return taps;
        }),
    };
  },
});
