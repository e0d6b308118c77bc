import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head } from "seamstress";
import { channelDropout, resizeBilinear } from "seamstress/ops";
import { classifierTap, pointwise, pointwiseSpec } from "seamstress/wsss";

/**
 * Class activation maps (Zhou et al., CVPR 2016) as SEAM's baseline computes them: a 1x1 classifier without bias on the last tap,
 * resized to the input. Its scores' mean over the image is what classifies.
 */
export const camHead = definePlugin({
  kind: "head",
  name: "cam",
  summary: "class activation maps: a 1x1 classifier on the last tap",
  options: z.strictObject({
    dropout: z.number().min(0).lt(1).default(0.5).describe(
      "rate of channel dropout before the classifier",
    ),
  }),
  create({ dropout }, { taps, classes }): Head {
    const source = classifierTap(taps);
    return {
      outputs: ["cam"],
      params: [
        pointwiseSpec("fc8", source.channels, 1 + classes, { kind: "xavier-uniform", gain: 1 }),
      ],
      forward: (tensors, image, params, context) =>
        tf.tidy(() => {
          const features = channelDropout(tensors[source.name]!, dropout, context, "dropout fc8");
          const cam = pointwise(features, params, "fc8");
          return { cam: resizeBilinear(cam, [image.shape[1], image.shape[2]], true) };
        }),
    };
  },
});
