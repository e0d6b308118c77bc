import * as z from "zod";
import { definePlugin } from "../../core/registry/plugin.ts";

/** The same learning rate throughout. */
export const constantSchedule = definePlugin({
  kind: "schedule",
  name: "constant",
  summary: "factor 1 throughout",
  options: z.strictObject({}),
  create: () => ({ factor: () => 1 }),
});
