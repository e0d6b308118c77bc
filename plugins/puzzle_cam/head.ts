import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head } from "seamstress";
import { channelDropout, resizeBilinear } from "seamstress/ops";
import { classifierTap, pointwise, pointwiseSpec, withBackground } from "seamstress/wsss";

/**
 * The authors' classifier (`core/networks.py`, `Classifier`): a 1x1 convolution without bias on the last tap, foreground classes alone.
 * Losses read the maps as they are, `cam_tap`; inference adds up what is above 0, `cam_positive`.
 */
export const puzzleCamHead = definePlugin({
  kind: "head",
  name: "puzzle-cam",
  summary: "class activation maps of foreground classes, also at the last tap's own size",
  options: z.strictObject({
    dropout: z.number().min(0).lt(1).default(0).describe(
      "rate of channel dropout before the classifier; the authors have none",
    ),
  }),
  create({ dropout }, { taps, classes }): Head {
    const source = classifierTap(taps);
    return {
      outputs: ["cam", "cam_tap", "cam_positive"],
      params: [
        pointwiseSpec("classifier", source.channels, classes, { kind: "kaiming-normal", scale: 1 }),
      ],
      forward: (tensors, image, params, context) =>
        tf.tidy(() => {
          const features = channelDropout(
            tensors[source.name]!,
            dropout,
            context,
            "dropout classifier",
          );
          const scores = withBackground(pointwise(features, params, "classifier"));
          const cam = resizeBilinear(scores, [image.shape[1], image.shape[2]], false);
          return { cam, cam_tap: scores, cam_positive: tf.relu(scores) };
        }),
    };
  },
});
