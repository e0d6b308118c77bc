/**
 * A loss for Seamstress: objects neither vanish nor fill the image.
 *
 * @module
 */
import { definePlugin, type Plugin } from "seamstress";
import * as tf from "@tensorflow/tfjs";
import * as z from "zod";

/** How far the part of the image that an object's class covers is from what objects cover. */
export const coverageLoss: Plugin<"loss", "coverage"> = definePlugin({
  kind: "loss",
  name: "coverage",
  summary:
    "squared distance of a class's mean probability from a range, for the classes of the image",
  options: z.strictObject({
    least: z.number().min(0).max(1).default(0.05).describe("Part of the image, from this"),
    most: z.number().min(0).max(1).default(0.5).describe("to this, that costs nothing"),
  }),
  create: ({ least, most }) => ({
    needs: ["cam"],
    compute: ({ views, targets }) =>
      tf.tidy(() => {
        const present = targets["label"] as tf.Tensor2D;
        const terms = views.map((view) => {
          // [N,H,W,1+C] with the background first, to the part of the image that each class covers, [N,C].
          const foreground = tf.slice(view["cam"]!, [0, 0, 0, 1]);
          const covered = tf.mean(tf.sigmoid(foreground), [1, 2]);
          const below = tf.relu(tf.sub(least, covered)), above = tf.relu(tf.sub(covered, most));
          const costs = tf.mul(tf.square(tf.add(below, above)), present);
          // A mean over samples: every image has a class, and images with many count no more.
          return tf.mean(tf.div(tf.sum(costs, 1), tf.maximum(tf.sum(present, 1), 1)));
        });
        return tf.div<tf.Scalar>(tf.addN(terms), terms.length);
      }),
  }),
});
