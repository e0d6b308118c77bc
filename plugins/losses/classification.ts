import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss, userError } from "seamstress";
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
    view: z.int().min(0).optional().describe("the only view that counts, from 0; all unless given"),
  }),
  create({ output: name = "cam", view }): Loss {
    return {
      needs: [name],
      compute(input) {
        const views = view === undefined ? input.views : input.views.slice(view, view + 1);
        if (views.length === 0) {
          throw userError(
            new RangeError(
              `Cannot classify view ${view}: the method gives ${input.views.length}, from 0`,
            ),
          );
        }
        return meanOverViews({ ...input, views }, (outputs) => {
          const means = tf.mean(output(outputs, name), [1, 2]) as tf.Tensor2D;
          const scores = tf.slice(means, [0, 1]);
          const label = input.targets["label"]!;
          // −y log σ(x) − (1 − y) log σ(−x) = softplus(x) − x y
          return tf.mean(tf.sub(tf.softplus(scores), tf.mul(scores, label)));
        });
      },
    };
  },
});
