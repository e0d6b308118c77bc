import * as z from "zod";
import { definePlugin, type Method, userError } from "seamstress";

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
      step({ image, targets }, { model, context }) {
        if (targets["mask"] === undefined) {
          throw userError(
            new TypeError(
              "Cannot learn segmentation without masks: the batch has image labels only",
            ),
          );
        }
        return { targets, views: [model.forward(image, context(0))] };
      },
    };
  },
});
