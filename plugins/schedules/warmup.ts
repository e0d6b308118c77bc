import * as z from "zod";
import { definePlugin, pluginOption } from "seamstress";

/** A linear ramp (step + 1) / steps up to 1, then another schedule as if it had run from step 0. */
export const warmupSchedule = definePlugin({
  kind: "schedule",
  name: "warmup",
  summary: "linear ramp up to 1, then another schedule",
  options: z.strictObject({
    steps: z.int().min(1).describe("Length of the ramp in optimizer steps"),
    then: pluginOption("schedule").default({ use: "constant" }).describe(
      "What follows, at the global step",
    ),
  }),
  async create({ steps, then }, _args, factory) {
    const inner = await factory.create("schedule", then, undefined);
    return {
      factor: (step, totalSteps) =>
        step < steps ? (step + 1) / steps : inner.factor(step, totalSteps),
    };
  },
});
