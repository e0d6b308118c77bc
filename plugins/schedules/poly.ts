import * as z from "zod";
import { definePlugin } from "seamstress";

/** Polynomial decay (DeepLab): (1 − step / steps)^power, 0 after the end. */
export const polySchedule = definePlugin({
  kind: "schedule",
  name: "poly",
  summary: "(1 - step / total)^power",
  options: z.strictObject({
    power: z.number().positive().default(0.9).describe("1 is a straight line"),
    steps: z.int().min(1).optional().describe(
      "where it reaches 0; at the end of all epochs unless given",
    ),
  }),
  create: ({ power, steps }) => ({
    factor: (step, totalSteps) => Math.max(0, 1 - step / (steps ?? totalSteps)) ** power,
  }),
});
