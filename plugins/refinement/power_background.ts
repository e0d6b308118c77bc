import * as z from "zod";
import type { Refinement } from "../../core/contracts/refinement.ts";
import { definePlugin } from "../../core/registry/plugin.ts";
import { powerBackground } from "./background.ts";

/** Foreground scores → the same behind a background of (1 - max score)^power, which dense CRF and random walk start from. */
export const powerBackgroundRefinement = definePlugin({
  kind: "refinement",
  name: "power-background",
  summary: "background of score (1 - max)^power before the foreground's scores",
  options: z.strictObject({
    power: z.number().positive().default(4)
      .describe(
        "SEAM's alpha: 4 (low) and 24 (high) before the CRF (infer_SEAM.py), 6 before the walk (infer_aff.py; psa's own script has 16)",
      ),
  }),
  create({ power }): Refinement {
    return {
      addsBackground: true,
      refine: (scores) => Promise.resolve(powerBackground(scores, power)),
    };
  },
});
