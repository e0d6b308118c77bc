/**
 * Runs the recipe of bench/infer.bench.ts in a process of its own: stages `infer`, one a part of the images. Before each it waits for a line
 * of standard input, and behind it says what the stage took. When standard input ends, so does the process.
 *
 *   deno run --allow-read --allow-write=FOLDER bench/infer/child.ts RECIPE RUN_FOLDER GROUP
 *
 * @module
 */
import { definePlugin, loadRecipe, type Observer, runRecipe, type StageEvent } from "seamstress";
import { pluginModules, plugins, workerModules } from "seamstress/plugins";
import * as z from "zod";
import { systemClock } from "../measure/clock.ts";
import { endFailed } from "../measure/failed.ts";
import { linesOf } from "../measure/lines.ts";
import { print } from "../measure/print.ts";

const [recipe, folder, group] = Deno.args as [string, string, string];
const questions = linesOf(Deno.stdin.readable);

/** Has the parts wait for their turn. */
class Turns implements Observer {
  #wall = 0;
  #processor = 0;

  async stage({ plugin, state }: StageEvent): Promise<void> {
    if (plugin !== "infer") return;
    if (state === "begin") {
      // Nothing is asked any more.
      if ((await questions.next()).done) Deno.exit(0);
      this.#wall = systemClock.wall();
      this.#processor = systemClock.processor();
    } else if (state === "finished") {
      const processor = systemClock.processor();
      print(JSON.stringify({
        seconds: (systemClock.wall() - this.#wall) / 1e3,
        cpuSeconds: (processor - this.#processor) / 1e3,
        processorSeconds: processor / 1e3,
      }));
    }
  }
}

const turns = definePlugin({
  kind: "observer",
  name: "turns",
  summary: "has stages wait for their turn",
  options: z.strictObject({}),
  create: () => new Turns(),
});

try {
  const loaded = await loadRecipe(recipe, {
    ...{ plugins: [...plugins, turns], set: [`group=${group}`], cwd: Deno.cwd() },
    environment: () => undefined,
  });
  await runRecipe(loaded, { folder, resume: false, workerModules, pluginModules });
} catch (error) {
  endFailed(error);
}
// Standard input may still be open.
Deno.exit(0);
