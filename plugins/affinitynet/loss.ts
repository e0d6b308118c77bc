import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss, type LossInput } from "seamstress";
import { meanOverViews, output, type PairKind, pairTarget } from "seamstress/wsss";

const EPSILON = 1e-5;

/** The authors' weights. */
const WEIGHTS: Readonly<Record<PairKind, number>> = {
  background: 1 / 4,
  foreground: 1 / 4,
  negative: 1 / 2,
};

function labelsOf(kind: PairKind, { targets }: LossInput): tf.Tensor4D {
  const labels = targets[pairTarget(kind)];
  if (labels === undefined) {
    const found = Object.keys(targets).join(", ");
    throw new Error(
      `Cannot compute the affinity loss on ${kind} pairs: the method gave targets ${found}`,
    );
  }
  return labels as tf.Tensor4D;
}

/** Cross-entropy over the pairs of a kind, which should be alike or, negative ones, not. */
function entropy(
  kind: PairKind,
  affinity: tf.Tensor4D,
  labels: tf.Tensor4D,
  perImage: boolean,
): tf.Scalar {
  // 1 - affinity first: exact near 1, where the logarithm is steepest.
  const right = kind === "negative" ? tf.sub(1, affinity) : affinity;
  const cost = tf.mul(tf.neg(tf.log(tf.add(right, EPSILON))), labels);
  const axes = perImage ? [1, 2, 3] : [0, 1, 2, 3];
  return tf.mean(tf.div(tf.sum(cost, axes), tf.add(tf.sum(labels, axes), EPSILON))).asScalar();
}

/**
 * AffinityNet's loss (Ahn & Kwak, CVPR 2018; author code psa, `train_aff.py`): −Σ label · log(affinity + 1e-5) /
 * (Σ label + 1e-5) over the pairs that share background or a class, the same with 1 − affinity over the pairs of different classes.
 */
export const affinityLoss = definePlugin({
  kind: "loss",
  name: "affinity",
  summary: "cross-entropy of pixel pairs: alike within a class, different between classes",
  options: z.strictObject({
    pairs: z.enum(["all", "background", "foreground", "negative"]).default("all").describe(
      "which pairs count: those of both background, of one class, of different classes, or all: the three losses times 1/4, 1/4, 1/2",
    ),
    mean: z.enum(["image", "batch"]).default("image").describe(
      "mean over an image's pairs, then over images; or over all pairs of the micro-batch, as the authors do with a whole batch: " +
        "then batch.micro changes the loss",
    ),
  }),
  create({ pairs, mean }): Loss {
    const kinds = pairs === "all"
      ? Object.entries(WEIGHTS) as [PairKind, number][]
      : [[pairs, 1] as const];
    return {
      needs: ["affinity"],
      overBatch: mean === "batch",
      compute: (input) =>
        meanOverViews(input, (outputs) => {
          const affinity = output(outputs, "affinity");
          return kinds.map(([kind, weight]) =>
            tf.mul<tf.Scalar>(
              entropy(kind, affinity, labelsOf(kind, input), mean === "image"),
              weight,
            )
          ).reduce((total, term) => tf.add(total, term));
        }),
    };
  },
});
