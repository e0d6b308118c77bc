import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head } from "seamstress";
import { channelDropout, resizeBilinear } from "seamstress/ops";
import { classifierTap, pointwise, pointwiseSpec } from "seamstress/wsss";

/**
 * The authors' classifier (`network/resnet38_eps.py`): a 1x1 convolution without bias on the last tap, the background a class of its own.
 * Losses read the maps as they are, `cam_tap`; inference adds up their softmax, `cam_softmax`.
 */
export const epsHead = definePlugin({
  kind: "head",
  name: "eps",
  summary: "class activation maps with a background, also at the last tap's own size",
  options: z.strictObject({
    dropout: z.number().min(0).lt(1).default(0).describe(
      "rate of channel dropout before the classifier; the authors have none",
    ),
  }),
  create({ dropout }, { taps, classes }): Head {
    const source = classifierTap(taps);
    return {
      outputs: ["cam", "cam_tap", "cam_softmax"],
      params: [
        pointwiseSpec("fc8", source.channels, 1 + classes, { kind: "xavier-uniform", gain: 1 }),
      ],
      forward: (tensors, image, params, context) =>
        tf.tidy(() => {
          const features = channelDropout(tensors[source.name]!, dropout, context, "dropout fc8");
          const scores = pointwise(features, params, "fc8");
          const cam = resizeBilinear(scores, [image.shape[1], image.shape[2]], false);
          return { cam, cam_tap: scores, cam_softmax: tf.softmax(scores) };
        }),
    };
  },
});
