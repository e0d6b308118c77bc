import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head, type Init, type ParamSpec } from "seamstress";
import { conv2d, dropout, resizeBilinear } from "seamstress/ops";
import {
  biasSpec,
  classifierTap,
  convSpec,
  momentumOption,
  pointwise,
  statisticsOption,
  trainedBatchNorm,
  trainedBatchNormSpecs,
} from "seamstress/wsss";

/** Edge of the dilated kernel. */
const KERNEL = 3;

/** PyTorch's `kaiming_normal_(mode="fan_out")`, of a kernel with so many channels in and out. */
function kaimingOut(input: number, output: number): Init {
  return { kind: "kaiming-normal", scale: Math.sqrt(input / output) };
}

function scratch(
  name: string,
  kernel: number,
  input: number,
  output: number,
  init: Init = kaimingOut(input, output),
): ParamSpec {
  return convSpec(`${name}.weight`, [kernel, kernel, input, output], { pretrained: false, init });
}

/**
 * DeepLab with a large field of view (Chen et al., ICLR 2015) as SEAM's authors retrain it on pseudo labels
 * (semantic-segmentation-codebase, `lib/net/deeplabv1.py`): a dilated 3x3 convolution of the last tap, batch norm, ReLU, 1x1, batch
 * norm, ReLU, dropout, 1x1 classifier, resized to the input with aligned corners. The output `segmentation` holds raw scores of the
 * background and every class, `[N,H,W,1+C]`.
 */
export const deeplabv1Head = definePlugin({
  kind: "head",
  name: "deeplabv1",
  summary: "DeepLabv1 with a large field of view and trained batch norm: scores of every pixel",
  options: z.strictObject({
    channels: z.int().min(1).default(512).describe("channels of the two hidden layers"),
    dilation: z.int().min(1).default(12).describe("of the 3x3 convolution, and its padding"),
    dropout: z.number().min(0).lt(1).default(0.5).describe(
      "share of values dropped before the classifier",
    ),
    classifierStd: z.number().positive().optional().describe(
      "standard deviation that the classifier's weights start with, 0.01 in DeepLab's solver; the authors' sqrt(2 / classes) where " +
        "not given, whose first scores are so large that a training of a few hundred steps does not get past them",
    ),
    momentum: momentumOption(0.0003),
    statistics: statisticsOption,
  }),
  create(
    { channels, dilation, dropout: rate, classifierStd: std, momentum, statistics },
    { taps, classes },
  ): Head {
    const source = classifierTap(taps);
    const labels = 1 + classes;
    return {
      outputs: ["segmentation"],
      statistics,
      params: [
        scratch("conv_fov", KERNEL, source.channels, channels),
        ...trainedBatchNormSpecs("bn_fov", channels, false),
        scratch("conv_fov2", 1, channels, channels),
        ...trainedBatchNormSpecs("bn_fov2", channels, false),
        scratch(
          "cls_conv",
          1,
          channels,
          labels,
          std === undefined ? undefined : { kind: "normal", std },
        ),
        biasSpec("cls_conv.bias", labels, { pretrained: false }),
      ],
      forward: (tensors, image, params, context) =>
        tf.tidy(() => {
          const how = { params, context, momentum };
          const filter = params.get("conv_fov.weight") as tf.Tensor as tf.Tensor4D;
          const wide = conv2d(tensors[source.name]!, filter, { dilation, pad: dilation });
          const seen = trainedBatchNorm(wide, "bn_fov", "relu", how);
          const mixed = pointwise(seen, params, "conv_fov2");
          const features = trainedBatchNorm(mixed, "bn_fov2", "relu", how);
          const kept = dropout(features, rate, context, "dropout1");
          const scores = tf.add<tf.Tensor4D>(
            pointwise(kept, params, "cls_conv"),
            params.get("cls_conv.bias"),
          );
          return {
            segmentation: resizeBilinear(scores, [image.shape[1], image.shape[2]], true),
          };
        }),
    };
  },
});
