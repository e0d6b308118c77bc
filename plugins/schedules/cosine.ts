import * as z from "zod";
import { definePlugin } from "seamstress";

/** Half a cosine from 1 to the floor (Loshchilov & Hutter 2017, without restarts), the floor after the end. */
export const cosineSchedule = definePlugin({
  kind: "schedule",
  name: "cosine",
  summary: "half a cosine from 1 to floor",
  options: z.strictObject({
    floor: z.number().min(0).max(1).default(0).describe("factor at the end"),
    steps: z.int().min(1).optional().describe(
      "where it reaches the floor; at the end of all epochs unless given",
    ),
  }),
  create: ({ floor, steps }) => ({
    factor: (step, totalSteps) => {
      const part = Math.min(step / (steps ?? totalSteps), 1);
      return floor + (1 - floor) * (1 + Math.cos(Math.PI * part)) / 2;
    },
  }),
});
