import * as z from "zod";
import { definePlugin } from "seamstress";

/** The same learning rate throughout. */
export const constantSchedule = definePlugin({
  kind: "schedule",
  name: "constant",
  summary: "factor 1 throughout",
  options: z.strictObject({}),
  create: () => ({ factor: () => 1 }),
});
