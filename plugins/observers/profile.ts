import * as z from "zod";
import { definePlugin } from "seamstress";
import { ProfileObserver } from "./profile/observer.ts";
import { DEFAULT_STEPS, parseSteps } from "./profile/steps.ts";

/**
 * Times the kernels of some steps of every stage: `profile/ID.md`, `ID.json` and `ID.trace.json` in the run folder. `run --profile`
 * adds it to any recipe.
 */
export const profileObserver = definePlugin({
  kind: "observer",
  name: "profile",
  summary: "times the kernels of some steps of every stage, as table and trace",
  options: z.strictObject({
    steps: z.string().default(`${DEFAULT_STEPS.from}-${DEFAULT_STEPS.to}`)
      .describe("Optimizer steps, or images, of each stage: 2-6, or 3 for a single one"),
  }),
  create: ({ steps }, { folder, backend }) =>
    new ProfileObserver({ folder: `${folder}/profile`, backend, steps: parseSteps(steps) }),
});
