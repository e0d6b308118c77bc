import * as z from "zod";
import type { Refinement } from "../../core/contracts/refinement.ts";
import { definePlugin } from "../../core/plugin.ts";
import { powerBackground } from "./background.ts";

/** Foreground scores → the same behind a background of (1 - max score)^power, which dense CRF and random walk start from. */
export const powerBackgroundRefinement = definePlugin({
  kind: "refinement",
  name: "power-background",
  summary: "background of score (1 - max)^power before the foreground's scores",
  options: z.strictObject({
    power: z.number().positive().default(4)
      .describe("The authors' alpha: 4 (low) and 24 (high) before the CRF, 16 before the walk"),
  }),
  create({ power }): Refinement {
    return {
      addsBackground: true,
      refine: (scores) => Promise.resolve(powerBackground(scores, power)),
    };
  },
});
