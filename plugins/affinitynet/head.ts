import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head } from "seamstress";
import { classifierTap, fittingRadius, pointwise, pointwiseSpec, tapBeside } from "seamstress/wsss";
import { pairedAffinity } from "./head/paired_affinity.ts";

/**
 * AffinityNet's head (Ahn & Kwak, CVPR 2018; author code psa, `network/resnet38_aff.py`): features of three taps joined, and how
 * alike those of near pixels are. The output `affinity` is `[N,h',w',P]`: pairs of the last tap's map within radius 5, P = 34, laid
 * out as `pairedAffinity` says; on maps under 11 pixels the radius shrinks.
 */
export const affinityHead = definePlugin({
  kind: "head",
  name: "affinity",
  summary: "AffinityNet: how alike near pixels of the feature map are, for the random walk",
  options: z.strictObject({
    low: z.string().default("conv4").describe("tap that f8_3 reads"),
    mid: z.string().default("conv5").describe("tap that f8_4 reads"),
    lowChannels: z.int().min(1).default(64).describe("channels out of f8_3"),
    midChannels: z.int().min(1).default(128).describe("channels out of f8_4"),
    deepChannels: z.int().min(1).default(256).describe(
      "channels out of f8_5, which reads the last tap; f9 has as many as the three together",
    ),
  }),
  create({ lowChannels, midChannels, deepChannels, ...options }, { taps }): Head {
    const layers = [
      { name: "f8_3", tap: tapBeside(taps, options.low, "low"), channels: lowChannels },
      { name: "f8_4", tap: tapBeside(taps, options.mid, "mid"), channels: midChannels },
      { name: "f8_5", tap: classifierTap(taps), channels: deepChannels },
    ];
    const joined = lowChannels + midChannels + deepChannels;
    const kaiming = { kind: "kaiming-normal", scale: 1 } as const;
    return {
      outputs: ["affinity"],
      params: [
        ...layers.map(({ name, tap, channels }) =>
          pointwiseSpec(name, tap.channels, channels, kaiming)
        ),
        pointwiseSpec("f9", joined, joined, { kind: "xavier-uniform", gain: 4 }),
      ],
      forward: (tensors, _image, params) =>
        tf.tidy(() => {
          const parts = layers.map(({ name, tap }) =>
            tf.elu(pointwise(tensors[tap.name]!, params, name))
          );
          const features = tf.elu(pointwise(tf.concat(parts, 3), params, "f9"));
          const [, height, width] = features.shape;
          return { affinity: pairedAffinity(features, fittingRadius(height, width)) };
        }),
    };
  },
});
