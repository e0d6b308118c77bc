import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { meanOverViews, output } from "seamstress/wsss";

/**
 * ReCAM's softmax cross-entropy (Chen et al., CVPR 2022, eq. 6; author code ReCAM, `Class_Predictor`): the feature of each class that an
 * image shows should be told from those of all other classes. Mean over the classes of an image, then over images; one that shows
 * none adds 0, and counts.
 */
export const recamLoss = definePlugin({
  kind: "loss",
  name: "recam",
  summary: "softmax cross-entropy on each present class's own feature",
  options: z.strictObject({}),
  create(): Loss {
    return {
      needs: ["class_logits"],
      compute: (input) =>
        meanOverViews(input, (outputs) => {
          const [samples, , classes] = output(outputs, "class_logits").shape;
          const logits = tf.reshape<tf.Rank.R3>(output(outputs, "class_logits"), [
            samples,
            classes,
            classes,
          ]);
          const label = input.targets["label"] as tf.Tensor2D;
          const right = tf.sum(tf.mul(logits, tf.expandDims(tf.eye(classes), 0)), 2);
          const entropy = tf.sub(tf.logSumExp(logits, 2), right);
          const shown = tf.maximum(tf.sum(label, 1), 1);
          return tf.mean(tf.div(tf.sum(tf.mul(entropy, label), 1), shown));
        }),
    };
  },
});
