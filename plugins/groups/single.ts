import * as z from "zod";
import { definePlugin, SINGLE } from "seamstress";

/** One rank: the thread that runs the recipe. */
export const singleGroup = definePlugin({
  kind: "group",
  name: "single",
  summary: "one thread computes the run",
  options: z.strictObject({}),
  create: () => ({ size: () => 1, join: () => Promise.resolve(SINGLE) }),
});
