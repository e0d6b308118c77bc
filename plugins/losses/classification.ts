import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { meanOverViews, output } from "seamstress/wsss";

/**
 * Multi-label soft margin of the CAM's mean over the image, mean over foreground classes, samples and views: SEAM eq. 2; PyTorch's
 * `multilabel_soft_margin_loss`. Another output of the head, such as scores `[N,1,1,1+C]`, in place of the CAM where a recipe names one.
 */
export const classificationLoss = definePlugin({
  kind: "loss",
  name: "classification",
  summary: "multi-label soft margin on the CAM's global average",
  options: z.strictObject({
    output: z.string().min(1).optional().describe(
      "head output whose mean over the image is classified, channel 0 not; cam where left out",
    ),
  }),
  create({ output: name = "cam" }): Loss {
    return {
      needs: [name],
      compute: (input) =>
        meanOverViews(input, (outputs) => {
          const means = tf.mean(output(outputs, name), [1, 2]) as tf.Tensor2D;
          const scores = tf.slice(means, [0, 1]);
          const label = input.targets["label"]!;
          // −y log σ(x) − (1 − y) log σ(−x) = softplus(x) − x y
          return tf.mean(tf.sub(tf.softplus(scores), tf.mul(scores, label)));
        }),
    };
  },
});
