import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { provided } from "seamstress/wsss";

/** Keeps logarithm and quotient finite; the authors'. */
const EPSILON = 1e-4;

/**
 * Class-token contrast (Ru et al., CVPR 2023, eq. 5; author code `CTCLoss_neg`): a crop that may show what the image does should be as
 * the whole image in the eyes of the projection that follows, one of background should not.
 */
export const ctcLoss = definePlugin({
  kind: "loss",
  name: "ctc",
  summary: "class-token contrast: crops of an image as the image, crops of background not",
  options: z.strictObject({
    temperature: z.number().positive().default(0.5).describe("divides similarities"),
  }),
  create({ temperature }): Loss {
    return {
      needs: ["student", "teacher", "positive"],
      compute: (input) =>
        tf.tidy(() => {
          const tensor = (name: string) => provided(input, name) as tf.Tensor3D;
          const positive = tf.expandDims(tensor("positive"), 1);
          const alike = tf.matMul(tensor("teacher"), tensor("student"), false, true);
          const logits = tf.exp(tf.div(alike, temperature));
          const negatives = tf.sum(tf.mul(logits, tf.sub(1, positive)), 2, true);
          const total = tf.add(tf.add(logits, negatives), EPSILON);
          const each = tf.sub(tf.log(total), tf.log(logits));
          // The authors add one more term, of a similarity of 1 beside the negatives.
          const more = tf.log(tf.add(tf.squeeze(negatives, [2]), 1 + EPSILON));
          const sums = tf.add(tf.sum(tf.mul(each, positive), 2), more);
          const counts = tf.add(tf.sum(positive, [1, 2]), EPSILON);
          return tf.mean(tf.div(tf.mean(sums, 1), counts)).asScalar();
        }),
    };
  },
});
