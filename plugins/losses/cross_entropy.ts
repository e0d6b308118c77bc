import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { meanOverViews, output } from "seamstress/wsss";
import { IGNORED, maskOf } from "./mask_of.ts";

/** How much each pixel of some counts, `[N,H,W]`: their sum is 1, or less where an image has none of them. */
function shares(chosen: tf.Tensor, perImage: boolean): tf.Tensor3D {
  const counts = chosen.toFloat() as tf.Tensor3D;
  const pixels = tf.sum(counts, perImage ? [1, 2] : [0, 1, 2], true);
  const samples = perImage ? counts.shape[0] : 1;
  return tf.div<tf.Tensor3D>(counts, tf.mul(tf.maximum(pixels, 1), samples));
}

/** How much each pixel counts, `[N,H,W]`: their sum is 1, or less where all of an image is ignored. */
function pixelWeights(mask: tf.Tensor3D, perImage: boolean, halves: boolean): tf.Tensor3D {
  return tf.tidy(() => {
    const counts = tf.notEqual(mask, IGNORED);
    if (!halves) return shares(counts, perImage);
    const background = tf.equal(mask, 0);
    const foreground = tf.logicalAnd(counts, tf.logicalNot(background));
    const both = tf.add(shares(background, perImage), shares(foreground, perImage));
    return tf.mul<tf.Tensor3D>(both, 0.5);
  });
}

/** Weighted sum of −log softmax(scores)[mask]; its one saved array is the gradient itself. */
function crossEntropy(
  scores: tf.Tensor4D,
  mask: tf.Tensor3D,
  weights: tf.Tensor3D,
): tf.Scalar {
  const loss = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    const shifted = tf.sub<tf.Tensor4D>(x, tf.max(x, 3, true));
    const powers = tf.exp(shifted);
    const sums = tf.sum(powers, 3, true);
    const truth = tf.oneHot(mask, x.shape[3]).toFloat();
    const right = tf.sum(tf.mul(shifted, truth), 3);
    const cost = tf.mul(tf.sub(tf.log(tf.squeeze(sums, [3])), right), weights);
    const slope = tf.mul(tf.sub(tf.div(powers, sums), truth), tf.expandDims(weights, 3));
    save([slope]);
    return {
      value: tf.sum(tf.sum(tf.sum(cost, 2), 1), 0).asScalar(),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(saved!, dy),
    };
  });
  return loss(scores) as tf.Scalar;
}

/**
 * Pixel-wise cross-entropy of the scores at the masks' size: PyTorch's `CrossEntropyLoss(ignore_index=255)`. The head brings its
 * scores to the network's input, which is the masks' size; masks are never resized.
 */
export const crossEntropyLoss = definePlugin({
  kind: "loss",
  name: "cross-entropy",
  summary: "cross-entropy of every pixel's class; 255 in the mask does not count",
  options: z.strictObject({
    mean: z.enum(["image", "batch"]).default("image").describe(
      "mean over an image's pixels, then over images; or over all pixels of the micro-batch, as the authors do with a whole " +
        "batch: then batch.micro changes the loss",
    ),
    halves: z.boolean().optional().describe(
      "whether the background's pixels count one half and those of classes the other, as in AFA and ToCo; no unless given",
    ),
  }),
  create({ mean, halves = false }): Loss {
    return {
      needs: ["segmentation"],
      overBatch: mean === "batch",
      compute: (input) =>
        meanOverViews(input, (outputs) => {
          const scores = output(outputs, "segmentation");
          const pixels = maskOf(input, scores, "cross-entropy");
          return crossEntropy(scores, pixels, pixelWeights(pixels, mean === "image", halves));
        }),
    };
  },
});
