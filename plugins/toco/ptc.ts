import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { unitVectors } from "seamstress/ops";
import { meanOverViews, output, provided } from "seamstress/wsss";
import { UNSURE } from "./pseudo_labels.ts";

/** PyTorch's `normalize(eps=1e-8)`. */
const EPSILON = 1e-8;

/** Pairs of patches, `[N,T,T]` of {0,1}: of one label, and of different ones; unsure patches, and a patch with itself, are no pair. */
function pairsOf(labels: tf.Tensor3D): { same: tf.Tensor3D; different: tf.Tensor3D } {
  const [samples, rows, columns] = labels.shape, patches = rows * columns;
  const row = tf.reshape(labels, [samples, 1, patches]);
  const column = tf.reshape(labels, [samples, patches, 1]);
  const float = (x: tf.Tensor) => tf.cast<tf.Tensor3D>(x as tf.Tensor3D, "float32");
  const sure = (x: tf.Tensor) => float(tf.notEqual(x, UNSURE));
  const both = tf.mul(sure(row), sure(column));
  const alike = float(tf.equal(row, column));
  const others = tf.sub(1, tf.eye(patches));
  return {
    same: tf.mul(tf.mul(alike, both), others),
    different: tf.mul(tf.sub(1, alike), both),
  };
}

/**
 * Patch-token contrast (Ru et al., CVPR 2023, eq. 4; author code `get_masked_ptc_loss`): patches of one label should point along one
 * line, those of different labels should not: half of 1 − mean |cos| of the one kind of pairs, and half of mean |cos| of the other.
 */
export const ptcLoss = definePlugin({
  kind: "loss",
  name: "ptc",
  summary: "patch-token contrast: patches of one label alike, of different labels unlike",
  options: z.strictObject({
    mean: z.enum(["image", "batch"]).default("image").describe(
      "mean over an image's pairs, then over images; or over all pairs of the micro-batch, as the authors do with a whole batch: " +
        "then batch.micro changes the loss",
    ),
  }),
  create({ mean }): Loss {
    return {
      needs: ["features", "patch_labels"],
      overBatch: mean === "batch",
      compute: (input) => {
        const labels = provided(input, "patch_labels") as tf.Tensor3D;
        return meanOverViews(input, (outputs) => {
          const features = output(outputs, "features");
          const [samples, rows, columns, channels] = features.shape;
          const flat = tf.reshape<tf.Rank.R3>(features, [samples, rows * columns, channels]);
          const unit = unitVectors(flat, EPSILON);
          const cosines = tf.abs(tf.matMul(unit, unit, false, true));
          const axes = mean === "image" ? [1, 2] : [0, 1, 2];
          const { same, different } = pairsOf(labels);
          const meanOf = (pairs: tf.Tensor3D) =>
            tf.div(tf.sum(tf.mul(cosines, pairs), axes), tf.add(tf.sum(pairs, axes), 1));
          return tf.mean(tf.mul(tf.add(tf.sub(1, meanOf(same)), meanOf(different)), 0.5));
        });
      },
    };
  },
});
