import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head, type TapSpec } from "seamstress";
import { addBias, conv2d, resizeBilinear, withoutGradient } from "seamstress/ops";
import {
  biasSpec,
  convSpec,
  tokenTap,
  torchDefault,
  unfitBackbone,
  withBackground,
} from "seamstress/wsss";
import { classToPatch, gatherByPatches, sumOfAttention } from "./attention_maps.ts";

const HEAD = "mctformer";

/** Side of the classifier's kernel. */
const KERNEL = 3;

/** The tap of tokens that is classified, with a token for each class. */
function classTokenTap(taps: readonly TapSpec[], name: string, classes: number): TapSpec {
  const tap = tokenTap(taps, name, HEAD);
  if (tap.prefix === classes) return tap;
  throw unfitBackbone(
    HEAD,
    `it has ${tap.prefix ?? 0} class tokens for ${classes} classes; vit has classTokens: classes`,
  );
}

/** Taps of the blocks' attention, by depth. */
function attentionTaps(taps: readonly TapSpec[], last: number): readonly TapSpec[] {
  const found = taps.filter(({ kind }) => kind === "attention");
  if (found.length >= last) return found;
  throw unfitBackbone(
    HEAD,
    `attentionLayers ${last} needs the attention of as many blocks; it gives that of ${found.length} (vit: attention: true)`,
  );
}

/**
 * MCTformer-V2's head (Xu et al., CVPR 2022; author code xulianuwa/MCTformer, `models.py`): a class token's mean is its class's score;
 * a 3x3 convolution of the patches gives a CAM, whose mean is a second one. No gradient passes through what attention makes of the CAM.
 *
 * Outputs, channel 0, the background's, always 0: `class_scores` and `patch_scores`, `[N,1,1,1+C]`; at the image's size the patch CAM `cam`,
 * what class tokens read of each patch `attention` (the sum over the last blocks, averaged over heads), `cam_fused`, that times the
 * CAM without its negative part, and `cam_rv`, the same gathered by the attention among patches, added up over all blocks.
 */
export const mctformerHead = definePlugin({
  kind: "head",
  name: HEAD,
  summary: "scores of class tokens, patch CAM, and the CAM fused with attention and refined by it",
  options: z.strictObject({
    tokens: z.string().default("blocks.11").describe(
      "tap that is classified; the authors': what the last block gives, not normalised",
    ),
    attentionLayers: z.int().min(1).default(3).describe(
      "blocks, from the last, whose class-to-patch attention is added up",
    ),
  }),
  create({ tokens, attentionLayers }, { taps, classes }): Head {
    const source = classTokenTap(taps, tokens, classes);
    const layers = attentionTaps(taps, attentionLayers);
    return {
      outputs: ["cam", "class_scores", "patch_scores", "attention", "cam_fused", "cam_rv"],
      params: [
        convSpec("head.weight", [KERNEL, KERNEL, source.channels, classes], {
          pretrained: false,
          init: torchDefault(KERNEL, source.channels, classes),
        }),
        biasSpec("head.bias", classes, { pretrained: false }),
      ],
      forward: (tensors, image, params) =>
        tf.tidy(() => {
          const row = tensors[source.name]!;
          const [samples, height, width] = image.shape;
          const size = [classes, height / source.stride, width / source.stride] as const;
          const [, rows, columns] = size;
          const ofClasses = tf.slice(row, [0, 0, 0, 0], [-1, -1, classes, -1]);
          const classScores = tf.reshape<tf.Rank.R4>(tf.mean(ofClasses, 3), [samples, 1, 1, -1]);
          const patches = tf.reshape<tf.Rank.R4>(
            tf.slice(row, [0, 0, classes, 0], [-1, -1, -1, -1]),
            [samples, rows, columns, source.channels],
          );
          const filter = params.get("head.weight") as tf.Tensor as tf.Tensor4D;
          const map = addBias(conv2d(patches, filter, { pad: 1 }), params.get("head.bias"));
          const atImageSize = (x: tf.Tensor4D) =>
            withBackground(resizeBilinear(x, [height, width], false));
          const weights = layers.map(({ name }) => tensors[name]!);
          const attention = withoutGradient(() =>
            classToPatch(sumOfAttention(weights.slice(-attentionLayers)), size)
          );
          const fused = withoutGradient(() => tf.mul<tf.Tensor4D>(attention, tf.relu(map)));
          const refined = withoutGradient(() => gatherByPatches(sumOfAttention(weights), fused));
          return {
            cam: atImageSize(map),
            class_scores: withBackground(classScores),
            patch_scores: withBackground(tf.mean<tf.Tensor4D>(map, [1, 2], true)),
            attention: atImageSize(attention),
            cam_fused: atImageSize(fused),
            cam_rv: atImageSize(refined),
          };
        }),
    };
  },
});
