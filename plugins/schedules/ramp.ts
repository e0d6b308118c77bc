import * as z from "zod";
import { definePlugin } from "seamstress";

/** A linear ramp from 0 over a part of the training, 1 behind it: min(step / (part · total), 1). */
export const rampSchedule = definePlugin({
  kind: "schedule",
  name: "ramp",
  summary: "linear ramp from 0 to 1 over a part of the training",
  options: z.strictObject({
    part: z.number().positive().max(1).default(0.5).describe(
      "of all optimizer steps; 1 is reached behind it",
    ),
  }),
  create: ({ part }) => ({
    factor: (step, totalSteps) => Math.min(step / (part * totalSteps), 1),
  }),
});
