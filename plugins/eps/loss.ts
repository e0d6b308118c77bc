import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { interpolateNearest, withoutGradient } from "seamstress/ops";
import { meanOverViews, output, provided } from "seamstress/wsss";

const EPSILON = 1e-4;

/** Which labelled classes lie on what is salient: `[N,1,1,C]` in {0,1}. */
function salientClasses(
  classes: tf.Tensor4D,
  saliency: tf.Tensor4D,
  present: tf.Tensor4D,
  tau: number,
): tf.Tensor4D {
  return withoutGradient(() => {
    const area = tf.round(classes);
    const shared = tf.sum(tf.mul(area, tf.round(saliency)), [1, 2], true);
    // As in the author code: EPSILON at every pixel, not once.
    const share = tf.div(shared, tf.sum(tf.add(area, EPSILON), [1, 2], true));
    return tf.mul<tf.Tensor4D>(tf.cast(tf.greater(share, tau), "float32"), present);
  });
}

/**
 * EPS's saliency loss (Lee et al., CVPR 2021, eq. 1 to 4; author code `eps.py`, `get_eps_loss`). With P the softmax over background
 * and classes: a labelled class belongs to the foreground where more than tau of the pixels that it wins (P rounded) are salient, else
 * to the background. M_fg = Σ P of the foreground's classes, M_bg = Σ P of the background and its classes; the loss is the mean of
 * (λ · M_fg + (1 − λ) · (1 − M_bg) − saliency)² over pixels, the saliency reduced to the maps' size (nearest).
 */
export const epsLoss = definePlugin({
  kind: "loss",
  name: "eps",
  summary: "saliency map against the foreground's maps and the background's complement",
  options: z.strictObject({
    output: z.string().min(1).default("cam_tap").describe(
      "the head's maps, raw scores, channel 0 the background",
    ),
    tau: z.number().min(0).max(1).default(0.4).describe(
      "share of a class's pixels that must be salient, or it counts as background",
    ),
    lambda: z.number().min(0).max(1).default(0.5).describe(
      "part of the foreground's maps; the background's complement has the rest",
    ),
  }),
  create: ({ output: name, tau, lambda }): Loss => ({
    needs: ["saliency", name],
    compute: (input) =>
      meanOverViews(input, (outputs) => {
        const scores = tf.softmax(output(outputs, name));
        const [samples, height, width, channels] = scores.shape;
        const background = tf.slice(scores, [0, 0, 0, 0], [-1, -1, -1, 1]);
        const classes = tf.slice(scores, [0, 0, 0, 1]);
        const label = input.targets["label"]!;
        const present = tf.reshape<tf.Rank.R4>(label, [samples, 1, 1, channels - 1]);
        const full = provided(input, "saliency") as tf.Tensor4D;
        const saliency = interpolateNearest(full, [height, width]);
        const salient = salientClasses(classes, saliency, present, tau);
        const foreground = tf.sum(tf.mul(classes, salient), 3, true);
        const rest = tf.sum(tf.mul(classes, tf.sub(present, salient)), 3, true);
        const complement = tf.sub(1, tf.add(rest, background));
        const found = tf.add(tf.mul(foreground, lambda), tf.mul(complement, 1 - lambda));
        return tf.mean(tf.square(tf.sub(found, saliency)));
      }),
  }),
});
