import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import type { Method } from "../../core/contracts/method.ts";
import { mistake } from "../../core/errors.ts";
import { definePlugin } from "../../core/plugin.ts";
import { firstPixelsSize } from "../heads/affinity/pixels.ts";
import { classifierTap } from "../heads/pointwise.ts";
import { pairLabels, pairTarget } from "../losses/affinity/pair_labels.ts";
import { fittingRadius, pairOffsets } from "../refinement/random_walk/pairs.ts";

/**
 * Reads masks at the middle of every pixel of the feature map.
 *
 * @param mask `[N,H,W]` int32
 * @param stride pixels of the mask a pixel of the map
 * @returns `[N,⌈H/stride⌉,⌈W/stride⌉]`
 */
function mapLabels(mask: tf.Tensor3D, stride: number): tf.Tensor3D {
  const middles = (length: number) =>
    tf.tensor1d(
      Array.from(
        { length: Math.ceil(length / stride) },
        (_, i) => Math.min(i * stride + Math.floor(stride / 2), length - 1),
      ),
      "int32",
    );
  return tf.tidy(() =>
    tf.gather(tf.gather(mask, middles(mask.shape[1]), 1), middles(mask.shape[2]), 2)
  );
}

/**
 * AffinityNet's step (Ahn & Kwak, CVPR 2018; author code psa, `train_aff.py`): one view, and beside the network's affinities what the
 * masks say of the same pixel pairs. Masks may be those of `labelMask`, or any other; pixels of 255 say nothing.
 */
export const affinityMethod = definePlugin({
  kind: "method",
  name: "affinity",
  summary: "one view: affinities of pixel pairs, and labels of the pairs from the masks",
  options: z.strictObject({}),
  create(): Method {
    return {
      provides: [],
      targets: ["mask"],
      needs: ["affinity"],
      step({ image, targets }, { model, pass }) {
        const mask = targets["mask"];
        if (mask === undefined) {
          throw mistake(
            new TypeError("Cannot learn affinities without masks: the batch has image labels only"),
          );
        }
        const labels = mapLabels(mask as tf.Tensor3D, classifierTap(model.backbone.taps).stride);
        const [samples, height, width] = labels.shape;
        const radius = fittingRadius(height, width);
        const offsets = pairOffsets(radius).length;
        if (offsets === 0) {
          throw mistake(
            new RangeError(
              `Cannot learn affinities from images of ${image.shape[2]}x${
                image.shape[1]
              } pixels: ` +
                `their feature map of ${width}x${height} has no pairs of pixels; it needs 5x5`,
            ),
          );
        }
        const outputs = model.forward(image, pass(0));
        const expected = [samples, ...firstPixelsSize(height, width, radius), offsets];
        const found = outputs["affinity"]!.shape;
        if (`${found}` !== `${expected}`) {
          throw new Error(
            `Cannot label pixel pairs: the head's affinity is [${found}], expected [${expected}]`,
          );
        }
        const { background, foreground, negative } = pairLabels(labels, radius);
        return {
          targets: {
            ...targets,
            [pairTarget("background")]: background,
            [pairTarget("foreground")]: foreground,
            [pairTarget("negative")]: negative,
          },
          views: [outputs],
        };
      },
    };
  },
});
