import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { interpolateNearest, resizeBilinear, withoutGradient } from "seamstress/ops";
import { meanOverViews, output, provided } from "seamstress/wsss";
import { denseEnergy, type EnergyTerms } from "./dense_energy/energy.ts";
import { reducedSize } from "./dense_energy/reduced.ts";
import { IGNORED, maskOf } from "./mask_of.ts";

/** Largest level of a colour, in which standard deviations are given. */
const LEVELS = 255;

const deviation = z.number().positive();

/** Columns and rows of every pixel, `[N,H,W,2]`. */
function positions([samples, height, width]: readonly [number, number, number, number]) {
  return tf.tidy(() => {
    const shape: [number, number, number, number] = [samples, height, width, 1];
    const columns = tf.reshape(tf.range(0, width, 1, "float32"), [1, 1, width, 1]);
    const rows = tf.reshape(tf.range(0, height, 1, "float32"), [1, height, 1, 1]);
    return tf.concat([tf.broadcastTo(columns, shape), tf.broadcastTo(rows, shape)], 3);
  });
}

/** What of the image and the mask the energy depends on, at the size at which it is computed. */
interface Pixels {
  /** `[N,h,w,3]` of 0..1. */
  readonly colours: tf.Tensor4D;
  /** `[N,h,w,1]`: 1 inside the photograph. */
  readonly inside: tf.Tensor4D;
  /** `[N,h,w,1]`: 1 where the mask is not sure. */
  readonly unsure: tf.Tensor4D;
}

/** A pixel of which nothing is known counts whole; one with a label by what its highest probability leaves. */
function termsOf(
  soft: tf.Tensor4D,
  { colours, inside, unsure }: Pixels,
  { sigmaXy, sigmaRgb }: { readonly sigmaXy: number; readonly sigmaRgb: number },
): EnergyTerms {
  const [samples, height, width] = soft.shape;
  const packed = withoutGradient(() => {
    const unexplained = tf.relu(tf.sub(inside, tf.max(soft, 3, true)));
    const all = tf.concat([
      tf.div(positions(soft.shape), sigmaXy),
      tf.mul(colours, LEVELS / sigmaRgb),
      inside,
      tf.maximum(unexplained, unsure),
    ], 3);
    return tf.reshape<tf.Rank.R3>(all, [samples, height * width, -1]);
  });
  const [points, insides, gate] = tf.split(packed, [5, 1, 1], 2) as tf.Tensor3D[];
  return { points: points!, inside: insides!, gate: gate! };
}

/**
 * Dense energy loss (Tang et al., "On Regularized Losses for Weakly-supervised CNN Segmentation", ECCV 2018, eq. 4), in the form of
 * Zhang et al., "Reliability Does Matter", AAAI 2020, that one-stage methods took over (author code `DenseEnergyLoss`): of every two
 * pixels that are near and of like colour, what they do not agree about. Pixels without a sure label count whole, others by
 * 1 − their highest probability, those outside of the photograph not at all.
 */
export const denseEnergyLoss = definePlugin({
  kind: "loss",
  name: "dense-energy",
  summary: "dense CRF energy: pixels that are near and of like colour should have the same class",
  options: z.strictObject({
    sigmaRgb: deviation.default(15).describe("standard deviation of each colour, 0..255"),
    sigmaXy: deviation.default(100).describe("standard deviation in pixels of the image"),
    scale: z.number().positive().max(1).default(0.5).describe(
      "factor on the image's size at which it is computed; time grows with its fourth power",
    ),
    factor: z.number().positive().default(1e-7).describe(
      "multiplies the sum over pairs of pixels, beside the loss's weight",
    ),
    gradient: z.enum(["exact", "authors"]).default("exact").describe(
      "the derivative, with what a pixel counts as a constant; or the authors' short cut, which differs where pixels count differently",
    ),
  }),
  create({ sigmaRgb, sigmaXy, scale, factor, gradient }): Loss {
    return {
      needs: ["segmentation", "colours", "inside"],
      compute: (input) =>
        meanOverViews(input, (outputs) => {
          const scores = output(outputs, "segmentation");
          const mask = maskOf(input, scores, "dense energy");
          const size = reducedSize([scores.shape[1], scores.shape[2]], scale);
          const soft = resizeBilinear(tf.softmax(scores), size, false);
          const [samples, height, width, classes] = soft.shape;
          const flags = tf.stack([
            tf.cast(provided(input, "inside"), "float32"),
            tf.cast(tf.equal(mask, IGNORED), "float32"),
          ], 3) as tf.Tensor4D;
          const [inside, unsure] = tf.split<tf.Tensor4D>(interpolateNearest(flags, size), 2, 3);
          const colours = interpolateNearest(provided(input, "colours") as tf.Tensor4D, size);
          const terms = termsOf(soft, { colours, inside: inside!, unsure: unsure! }, {
            sigmaXy: sigmaXy * scale,
            sigmaRgb,
          });
          const rows = tf.reshape<tf.Rank.R3>(soft, [samples, height * width, classes]);
          return tf.mul(denseEnergy(rows, terms, gradient), factor);
        }),
    };
  },
});
