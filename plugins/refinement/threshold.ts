import * as z from "zod";
import { definePlugin, type Refinement } from "seamstress";
import { constantBackground } from "./background.ts";

/** Prepends a constant background score to foreground scores: a pixel is background where every class is below alpha. */
export const thresholdRefinement = definePlugin({
  kind: "refinement",
  name: "threshold",
  summary: "background of constant score alpha before the foreground's scores",
  options: z.strictObject({
    alpha: z.number().min(0).max(1).default(0.26).describe("CAM below which a pixel is background"),
  }),
  create({ alpha }): Refinement {
    return {
      addsBackground: true,
      refine: (scores) => Promise.resolve(constantBackground(scores, alpha)),
    };
  },
});
