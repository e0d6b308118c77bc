import type * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Method, type PlannedTraining, userError } from "seamstress";
import {
  ARTIFACTS,
  checkPairMap,
  classifierTap,
  firstPixelsSize,
  fittingRadius,
  mapLabels,
  pairLabels,
  pairOffsets,
  pairTargets,
} from "seamstress/wsss";

/** Fails where labels were averaged over other squares than the network's pixels see. */
async function checkSquare({ id, masks, earlier }: PlannedTraining, stride: number): Promise<void> {
  if (masks === undefined) return;
  const { facts: { square, squareOption } } = await earlier(masks, ARTIFACTS.masks);
  if (square === undefined || square === stride) return;
  const advice = squareOption === undefined ? "" : `; set ${masks}.${squareOption} to ${stride}`;
  throw userError(
    new RangeError(
      `Cannot plan stage ${id}: stage "${masks}" labels squares of ${square} pixels, ` +
        `but the network's pixels are ${stride} apart${advice}`,
    ),
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
      async check(training) {
        const { stride } = classifierTap(training.taps);
        await checkSquare(training, stride);
        const { width, height } = await training.inputSize();
        const map = { width: Math.ceil(width / stride), height: Math.ceil(height / stride) };
        checkPairMap(
          `Cannot plan stage ${training.id}: affinities cannot be learned`,
          { width, height },
          map,
          stride,
        );
      },
      step({ image, targets }, { model, context }) {
        const mask = targets["mask"];
        if (mask === undefined) {
          throw userError(
            new TypeError("Cannot learn affinities without masks: the batch has image labels only"),
          );
        }
        const { stride } = classifierTap(model.backbone.taps);
        const labels = mapLabels(mask as tf.Tensor3D, stride);
        const [samples, height, width] = labels.shape;
        const size = { width: image.shape[2], height: image.shape[1] };
        checkPairMap("Cannot learn affinities", size, { width, height }, stride);
        const radius = fittingRadius(height, width);
        const offsets = pairOffsets(radius).length;
        const outputs = model.forward(image, context(0));
        const expected = [samples, ...firstPixelsSize(height, width, radius), offsets];
        const found = outputs["affinity"]!.shape;
        if (`${found}` !== `${expected}`) {
          throw new Error(
            `Cannot label pixel pairs: the head's affinity is [${found}], expected [${expected}]`,
          );
        }
        return {
          targets: { ...targets, ...pairTargets(pairLabels(labels, radius)) },
          views: [outputs],
        };
      },
    };
  },
});
