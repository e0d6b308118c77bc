import * as z from "zod";
import { definePlugin, type Method } from "seamstress";

/** Trains a classifier whose activation maps are the CAMs: one view, the network's outputs as they are. SEAM's baseline. */
export const classificationCamMethod = definePlugin({
  kind: "method",
  name: "classification-cam",
  summary: "one view: the network's outputs as they are",
  options: z.strictObject({}),
  create(): Method {
    return {
      provides: [],
      needs: [],
      step: ({ image, targets }, { model, context }) => ({
        targets,
        views: [model.forward(image, context(0))],
      }),
    };
  },
});
