import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import {
  definePlugin,
  inference,
  type Method,
  type Network,
  type Taps,
  userError,
} from "seamstress";
import { withoutGradient } from "seamstress/ops";
import { checkPairMap, fittingRadius, mapLabels, pairLabels, pairTargets } from "seamstress/wsss";
import { boundaryAffinity } from "./boundary/boundary_affinity.ts";
import { mapStride } from "./head/map_stride.ts";

/** The authors' radius in training; the walk's is smaller. */
export const TRAINING_RADIUS = 10;

/** Runs the backbone as it is: nothing of it trains, drops out or follows the batch, and nothing is kept for a backward pass. */
function frozenTaps(model: Network, image: tf.Tensor4D): Taps {
  const kept: Record<string, tf.Tensor4D> = {};
  const nothing = withoutGradient(() => {
    for (const [name, tap] of Object.entries(model.taps(image, inference))) {
      kept[name] = tf.keep(tap.clone());
    }
    return tf.scalar(0);
  });
  nothing.dispose();
  // Copies that belong to the caller's tf.tidy, as any other result.
  const taps = Object.fromEntries(Object.entries(kept).map(([name, tap]) => [name, tap.clone()]));
  tf.dispose(kept);
  return taps;
}

/**
 * IRN's step (Ahn, Cho & Kwak, CVPR 2019; author code jiwoon-ahn/irn, `step/train_irn.py`): the backbone as it is, the head's boundaries,
 * and how alike pixels are by the boundaries between them, beside what the masks say of the same pixels. Loss `affinity` learns from
 * these; pixels of 255 say nothing.
 */
export const irnMethod = definePlugin({
  kind: "method",
  name: "irn",
  summary:
    "one view, backbone frozen: affinities through class boundaries, and labels of pixel pairs",
  options: z.strictObject({
    radius: z.int().min(2).max(32).default(TRAINING_RADIUS).describe(
      "pixels of the map that are nearer than it are paired; smaller on maps too small for it",
    ),
  }),
  create({ radius: wanted }): Method {
    return {
      provides: ["affinity"],
      targets: ["mask"],
      needs: ["boundary", "displacement"],
      async check({ id, taps, inputSize }) {
        const stride = mapStride(taps);
        const { width, height } = await inputSize();
        const map = { width: Math.ceil(width / stride), height: Math.ceil(height / stride) };
        const action = `Cannot plan stage ${id}: boundaries cannot be learned`;
        checkPairMap(action, { width, height }, map, stride);
      },
      step({ image, targets }, { model, context }) {
        const mask = targets["mask"];
        if (mask === undefined) {
          throw userError(
            new TypeError("Cannot learn boundaries without masks: the batch has image labels only"),
          );
        }
        const stride = mapStride(model.backbone.taps);
        const labels = mapLabels(mask as tf.Tensor3D, stride);
        const [, height, width] = labels.shape;
        const size = { width: image.shape[2], height: image.shape[1] };
        checkPairMap("Cannot learn boundaries", size, { width, height }, stride);
        const radius = fittingRadius(height, width, wanted);
        const taps = frozenTaps(model, image);
        const outputs = model.head.forward(taps, image, model.params, context(0));
        const boundary = tf.sigmoid(outputs["boundary"]!);
        if (`${boundary.shape.slice(1, 3)}` !== `${[height, width]}`) {
          throw new Error(
            `Cannot label pixel pairs: the head's boundary is [${boundary.shape}], expected height and width ${height}, ${width}`,
          );
        }
        return {
          targets: { ...targets, ...pairTargets(pairLabels(labels, radius)) },
          views: [{ ...outputs, affinity: boundaryAffinity(boundary, radius) }],
        };
      },
    };
  },
});
