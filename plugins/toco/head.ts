import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head, type Params, type ParamSpec, type TapSpec } from "seamstress";
import { conv2d, maxOne, resizeBilinear, withoutGradient } from "seamstress/ops";
import {
  classifierTap,
  convSpec,
  pointwise,
  pointwiseSpec,
  tokenTap,
  torchDefault,
  unfitBackbone,
  withBackground,
} from "seamstress/wsss";

const HEAD = "toco";

/** The tap of tokens that the auxiliary classifier reads, and the last one, whose first is the class token. */
function tokenTaps(taps: readonly TapSpec[], auxiliary: string) {
  const inner = tokenTap(taps, auxiliary, HEAD);
  const last = taps.findLast(({ kind }) => kind === "tokens")!;
  if (last.prefix === 1) return { inner, last };
  throw unfitBackbone(HEAD, `it has ${last.prefix ?? 0} class tokens; one is needed`);
}

/** A convolution of the decoder, without bias; PyTorch's default init, for the authors' own is never called. */
const decoderSpec = (name: string, kernel: number, input: number, output: number): ParamSpec =>
  convSpec(`decoder.${name}.weight`, [kernel, kernel, input, output], {
    pretrained: false,
    init: torchDefault(kernel, input, output),
  });

/** Tokens that have a place in the image, as a map of the size of another. */
function asMap(row: tf.Tensor4D, { prefix = 0 }: TapSpec, like: tf.Tensor4D): tf.Tensor4D {
  return tf.reshape(tf.slice(row, [0, 0, prefix, 0], [-1, -1, -1, -1]), like.shape);
}

/** Each class's score where the features, channel by channel, are largest. */
const pooledScores = (features: tf.Tensor4D, params: Params, name: string) =>
  withBackground(pointwise(maxOne(features, [1, 2], true) as tf.Tensor4D, params, name));

/**
 * ToCo's heads (Ru et al., CVPR 2023; author code rulixiang/ToCo, `model/model_seg_neg.py` and `decoder/conv_head.py`): a classifier on
 * max-pooled patches, an auxiliary one on those of an inner block, and a decoder that segments.
 *
 * Outputs: `class_scores` and `aux_scores`, `[N,1,1,1+C]`; `patch_cam` and `patch_cam_aux`, `[N,h,w,C]`, the classifiers at every patch,
 * and `cam` and `cam_aux`, `[N,H,W,1+C]`, the same at the image's size, all four without gradient; `segmentation`, `[N,H,W,1+C]`;
 * `features`, `[N,h,w,D]`, the patches that are classified; `class_token`, `[N,1,1,D]`. Channel 0 of scores and CAMs is 0.
 */
export const tocoHead = definePlugin({
  kind: "head",
  name: HEAD,
  summary: "classifiers on last and inner patches, CAMs of both, and a decoder that segments",
  options: z.strictObject({
    auxiliary: z.string().default("blocks.9").describe(
      "tap of tokens that the auxiliary classifier reads: the tenth of twelve blocks",
    ),
    channels: z.int().min(1).default(512).describe("of the decoder's two hidden layers"),
    dilation: z.int().min(1).default(5).describe("of the decoder's 3x3 convolutions"),
  }),
  create({ auxiliary, channels, dilation }, { taps, classes }): Head {
    const source = classifierTap(taps);
    const { inner, last } = tokenTaps(taps, auxiliary);
    const depth = source.channels;
    const start = torchDefault(1, depth, classes);
    return {
      outputs: [
        ...["cam", "cam_aux", "patch_cam", "patch_cam_aux", "class_scores", "aux_scores"],
        ...["segmentation", "features", "class_token"],
      ],
      params: [
        decoderSpec("conv6", 3, depth, channels),
        decoderSpec("conv7", 3, channels, channels),
        decoderSpec("conv8", 1, channels, 1 + classes),
        pointwiseSpec("classifier", depth, classes, start),
        pointwiseSpec("aux_classifier", depth, classes, start),
      ],
      forward: (tensors, image, params) =>
        tf.tidy(() => {
          const features = tensors[source.name]!;
          const within = asMap(tensors[inner.name]!, inner, features);
          const size = [image.shape[1], image.shape[2]] as const;
          const atImageSize = (x: tf.Tensor4D) => resizeBilinear(x, size, false);
          const camOf = (map: tf.Tensor4D, name: string) =>
            withoutGradient(() => pointwise(map, params, name));
          const patchCam = camOf(features, "classifier");
          const patchCamAux = camOf(within, "aux_classifier");
          const dilated = (x: tf.Tensor4D, name: string) => {
            const filter = params.get(`decoder.${name}.weight`) as tf.Tensor as tf.Tensor4D;
            return tf.relu(conv2d(x, filter, { dilation, pad: dilation }));
          };
          const hidden = dilated(dilated(features, "conv6"), "conv7");
          return {
            cam: withBackground(atImageSize(patchCam)),
            cam_aux: withBackground(atImageSize(patchCamAux)),
            patch_cam: patchCam,
            patch_cam_aux: patchCamAux,
            class_scores: pooledScores(features, params, "classifier"),
            aux_scores: pooledScores(within, params, "aux_classifier"),
            segmentation: atImageSize(pointwise(hidden, params, "decoder.conv8")),
            features: features.clone(),
            class_token: tf.slice(tensors[last.name]!, [0, 0, 0, 0], [-1, 1, 1, -1]),
          };
        }),
    };
  },
});
