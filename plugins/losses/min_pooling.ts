import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { maxOne, meanOfSmallest } from "seamstress/ops";
import { meanOverViews, output } from "seamstress/wsss";

/**
 * Adaptive min pooling: the weakest quarter of the revised CAM's pixels should be background. Per pixel the strongest labelled
 * class, per image the mean of the h·w/4 weakest, mean over samples and views. Author code: `train_SEAM.py`,
 * `adaptive_min_pooling_loss`.
 */
export const minPoolingLoss = definePlugin({
  kind: "loss",
  name: "min-pooling",
  summary: "pushes the weakest quarter of the revised CAM's pixels to background",
  options: z.strictObject({}),
  create(): Loss {
    return {
      needs: ["cam_rv"],
      compute: (input) =>
        meanOverViews(input, (outputs) => {
          const scores = output(outputs, "cam_rv");
          const [samples, height, width, channels] = scores.shape;
          // The background counts as absent: its 0 changes nothing, since the maximum goes through ReLU.
          const label = tf.pad(input.targets["label"] as tf.Tensor2D, [[0, 0], [1, 0]]);
          const present = tf.mul(scores, tf.reshape(label, [samples, 1, 1, channels]));
          const strongest = tf.relu(maxOne(present, 3));
          const rows = tf.reshape<tf.Rank.R2>(strongest, [samples, height * width]);
          return tf.mean(meanOfSmallest(rows, Math.max(1, Math.floor(height * width / 4))));
        }),
    };
  },
});
