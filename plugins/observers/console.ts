import * as z from "zod";
import { definePlugin } from "seamstress";
import { standardOutput } from "./console/terminal.ts";
import { ConsoleView } from "./console/view.ts";

/** Shows progress, rate, losses, time left and scores on standard output. */
export const consoleObserver = definePlugin({
  kind: "observer",
  name: "console",
  summary: "progress, losses, time left and scores; a live line on a terminal, else plain lines",
  options: z.strictObject({}),
  create: () => new ConsoleView(standardOutput()),
});
