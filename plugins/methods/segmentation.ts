import type * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import type { Method } from "../../core/contracts/method.ts";
import { mistake } from "../../core/errors.ts";
import { definePlugin } from "../../core/plugin.ts";

/** Pixels of this class are not learned. */
const IGNORED = 255;

/** Refuses class numbers that the network has no score for, before they train something else. */
function checkMask(mask: tf.Tensor, labels: number): void {
  // Just uploaded: no backend has to wait for it.
  for (const label of mask.dataSync<"int32">()) {
    if (label >= labels && label !== IGNORED) {
      throw mistake(
        new RangeError(
          `Cannot learn from a mask that holds class ${label}: the network has classes 0 to ${
            labels - 1
          }, and ${IGNORED} is ignored`,
        ),
      );
    }
  }
}

/** Learns segmentation from masks, true or pseudo: one view, the network's outputs as they are. */
export const segmentationMethod = definePlugin({
  kind: "method",
  name: "segmentation",
  summary: "one view, learned from the masks: the network's outputs as they are",
  options: z.strictObject({}),
  create(): Method {
    return {
      provides: [],
      targets: ["mask"],
      needs: ["segmentation"],
      step({ image, targets }, { model, pass }) {
        const mask = targets["mask"];
        if (mask === undefined) {
          throw mistake(
            new TypeError(
              "Cannot learn segmentation without masks: the batch has image labels only",
            ),
          );
        }
        const outputs = model.forward(image, pass(0));
        checkMask(mask, outputs["segmentation"]!.shape[3]);
        return { targets, views: [outputs] };
      },
    };
  },
});
