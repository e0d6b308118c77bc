import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { meanOfLargest, withoutGradient } from "seamstress/ops";
import { absoluteDifference, completeBackground, onehotMax, output, pair } from "seamstress/wsss";

/** Mean of each sample's largest part, then over samples; `[N,h,w,K]` → scalar. */
function meanOfHardest(differences: tf.Tensor4D, part: number): tf.Scalar {
  if (part === 1) return tf.mean(differences).asScalar();
  const [samples, height, width, channels] = differences.shape;
  const count = channels * height * width;
  const rows = tf.reshape<tf.Rank.R2>(differences, [samples, count]);
  return tf.mean(meanOfLargest(rows, Math.max(1, Math.trunc(count * part)))).asScalar();
}

/**
 * Equivariant cross regularization: the revised CAM of each view should be the other view's original CAM, its strongest classes
 * only, with the background the rest to 1. Online hard example mining keeps the largest part of each sample's differences. SEAM
 * eq. 7; author code: `train_SEAM.py`, `loss_ecr`.
 */
export const ecrLoss = definePlugin({
  kind: "loss",
  name: "ecr",
  summary: "equivariant cross regularization: revised CAM against the other view's CAM",
  options: z.strictObject({
    ohem: z.union([z.literal(false), z.number().positive().max(1)]).default(0.2).describe(
      "part of each image's differences that counts, the largest first; false or 1 for all",
    ),
  }),
  create({ ohem }): Loss {
    const part = ohem === false ? 1 : ohem;
    return {
      needs: ["pair", "cam", "cam_rv"],
      compute: (input) =>
        tf.tidy(() => {
          const { first, second } = pair(input);
          const target = (cam: tf.Tensor4D) =>
            withoutGradient(() => onehotMax(completeBackground(cam)));
          const toFirst = absoluteDifference(
            target(output(second, "cam")),
            output(first, "cam_rv"),
          );
          const toSecond = absoluteDifference(
            target(output(first, "cam")),
            output(second, "cam_rv"),
          );
          return tf.add<tf.Scalar>(meanOfHardest(toFirst, part), meanOfHardest(toSecond, part));
        }),
    };
  },
});
