import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss, userError } from "seamstress";
import { fittingRadius, meanOverViews, output, pairOffsets, pairTarget } from "seamstress/wsss";
import { displacementError } from "./loss/displacement_error.ts";
import { TRAINING_RADIUS } from "./method.ts";

const EPSILON = 1e-5;

/** Kinds of pairs, and whether displacements between their pixels should be the offset. */
const TOWARDS = { foreground: true, background: false } as const;
type Kind = keyof typeof TOWARDS;

/**
 * IRN's loss of displacements (Ahn, Cho & Kwak, CVPR 2019; author code jiwoon-ahn/irn, `step/train_irn.py`): of pairs of one class, how
 * far the difference of their displacements is from the offset between them; of background pairs, from 0. Each over twice their number
 * plus 1e-5, and half of each.
 */
export const displacementLoss = definePlugin({
  kind: "loss",
  name: "displacement",
  summary: "displacements of pixels of one class lead to one place, those of background are alike",
  options: z.strictObject({
    pairs: z.enum(["all", "foreground", "background"]).default("all").describe(
      "which pairs count: those of one class, of both background, or half of each",
    ),
    mean: z.enum(["image", "batch"]).default("image").describe(
      "mean over an image's pairs, then over images; or over all pairs of the micro-batch, as the authors do with a whole batch: " +
        "then batch.micro changes the loss",
    ),
    radius: z.int().min(2).max(32).default(TRAINING_RADIUS).describe("the method's"),
  }),
  create({ pairs, mean, radius: wanted }): Loss {
    const kinds = pairs === "all" ? Object.keys(TOWARDS) as Kind[] : [pairs];
    return {
      needs: ["displacement", "affinity"],
      overBatch: mean === "batch",
      compute: (input) =>
        meanOverViews(input, (outputs) => {
          const field = output(outputs, "displacement");
          const radius = fittingRadius(field.shape[1], field.shape[2], wanted);
          const terms = kinds.map((kind) => {
            const labels = input.targets[pairTarget(kind)] as tf.Tensor4D;
            if (labels.shape[3] !== pairOffsets(radius).length) {
              throw userError(
                new RangeError(
                  `Cannot compute the loss displacement: its radius is ${wanted}, but the method labels ${
                    labels.shape[3]
                  } pairs a pixel, not ${pairOffsets(radius).length}; give both the same radius`,
                ),
              );
            }
            const error = displacementError(field, labels, radius, TOWARDS[kind]);
            const count = tf.sum<tf.Tensor1D>(labels, [1, 2, 3]);
            const [errors, counts] = mean === "batch"
              ? [tf.sum(error), tf.sum(count)]
              : [error, count];
            return tf.mean(tf.div(errors, tf.add(tf.mul(counts, 2), EPSILON))).asScalar();
          });
          return tf.div<tf.Scalar>(
            terms.reduce((sum, term) => tf.add(sum, term)),
            terms.length,
          );
        }),
    };
  },
});
