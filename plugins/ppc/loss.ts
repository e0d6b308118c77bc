import * as tf from "@tensorflow/tfjs";
import { definePlugin, type Loss, type MicroStanding } from "seamstress";
import { withoutGradient } from "seamstress/ops";
import { pair } from "seamstress/wsss";
import { contrast, type ContrastedView, similarities } from "./loss/contrast.ts";
import { CONTRASTS, type PpcLossOptions, ppcLossOptions } from "./loss/options.ts";
import { pixelWeights, semiHardPrototypes } from "./loss/semi_hard.ts";
import { contrastedView, mapsOf } from "./loss/views.ts";

/** One contrast of a view. */
function contrastOf(
  part: typeof CONTRASTS[number],
  [own, other]: readonly [ContrastedView, ContrastedView],
  { temperature, ...options }: PpcLossOptions,
  draw: () => tf.Tensor1D,
): tf.Scalar {
  const prototypes = part === "cross-prototype" ? other.prototypes : own.prototypes;
  const classes = part === "cross-cam" ? other.classes : own.classes;
  const similarity = similarities(own, prototypes);
  if (part !== "intra-view") {
    return tf.mean(contrast(similarity, classes, tf.onesLike(similarity), temperature));
  }
  const counted = options.prototypes === "all"
    ? tf.onesLike(similarity)
    : withoutGradient(() => tf.add<tf.Tensor2D>(classes, semiHardPrototypes(similarity, options)));
  const weights = withoutGradient(() => {
    const toOwn = tf.sum<tf.Tensor1D>(tf.mul(similarity, classes), 1);
    return pixelWeights(classes, toOwn, options.pixels, options, draw);
  });
  return tf.sum(tf.mul(contrast(similarity, classes, counted, temperature), weights));
}

/** Numbers of a step and a view, one a pixel. */
function drawn({ rng }: MicroStanding, view: number, pixels: number): tf.Tensor1D {
  const stream = rng.child("ppc pixels", view);
  return tf.tensor1d(Float32Array.from({ length: pixels }, () => stream.float()));
}

/**
 * Pixel-to-prototype contrast (Du, Fu, Liu & Wang, CVPR 2022; author code wseg, `contrast_train.py`): the projected pixels of both views
 * are drawn to the prototype of the class that the revised CAM says, and pushed from others. Prototypes are those of the batch, found in
 * each view anew: no gradient goes through them, and the whole batch is needed at once.
 */
export const ppcLoss = definePlugin({
  kind: "loss",
  name: "ppc",
  summary: "pixel-to-prototype contrast: across views by prototypes and CAMs, and within a view",
  options: ppcLossOptions,
  create(settings): Loss {
    return {
      needs: ["pair", "pair.projection", "pair.cam_rv_map"],
      statistics: "batch",
      compute: (input, training) =>
        tf.tidy(() => {
          const { first, second } = pair(input);
          const label = input.targets["label"] as tf.Tensor2D;
          const after = mapsOf(second);
          const [, height, width] = after.projection.shape;
          const views = [mapsOf(first, [height, width]), after]
            .map((maps) => contrastedView(maps, label, settings)) as [
              ContrastedView,
              ContrastedView,
            ];
          const parts = settings.contrast === "all" ? CONTRASTS : [settings.contrast];
          const terms = parts.flatMap((part) =>
            views.map((own, v) =>
              contrastOf(
                part,
                [own, views[1 - v]!],
                settings,
                () => drawn(training, v, own.pixels.shape[0]),
              )
            )
          );
          return tf.div<tf.Scalar>(tf.addN(terms), 2);
        }),
    };
  },
});
