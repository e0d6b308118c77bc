import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Method } from "seamstress";
import { withoutGradient } from "seamstress/ops";

/**
 * EPS's step (Lee et al., CVPR 2021; author code `module/train.py`, `train_eps`): one view, and a saliency map beside the labels. Hands it
 * on as `saliency`, `[N,H,W,1]` in 0..1, the mean of its channels.
 */
export const epsMethod = definePlugin({
  kind: "method",
  name: "eps",
  summary: "one view, with a saliency map of the image beside its labels",
  options: z.strictObject({
    map: z.string().min(1).default("saliency").describe(
      "the data set's extra map that says what is salient",
    ),
    full: z.number().positive().default(255).describe(
      "the map's number for wholly salient: 255 of an 8-bit PNG, 1 of a mask of 0 and 1",
    ),
  }),
  create: ({ map, full }): Method => ({
    provides: ["saliency"],
    targets: [map],
    needs: [],
    step({ image, targets }, { model, context }) {
      const saliency = withoutGradient(() => tf.div(tf.mean(targets[map]!, 3, true), full));
      return { targets, views: [model.forward(image, context(0))], provided: { saliency } };
    },
  }),
});
