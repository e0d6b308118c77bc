/**
 * Runs a recipe for bench/methods.ts in a process of its own, and goes on with it where it was broken off. Keeps beside the run folder's
 * files what it took so far, with the hash of the source that it is of. Ends when its standard input does: with the process that
 * started it.
 *
 *   deno run --allow-read --allow-write=runs bench/methods/child.ts RECIPE FOLDER SEED SHARE SOURCE
 *
 * @module
 */
import process from "node:process";
import { loadRecipe, runRecipe } from "seamstress";
import { plugins, workerModules } from "seamstress/plugins";
import { endFailed } from "../measure/failed.ts";
import { keptUsage, type Usage, writeUsage } from "./usage.ts";

/** Milliseconds between two looks. */
const EVERY = 500;

const [recipe, folder, seed, share, source] = Deno.args as [
  string,
  string,
  string,
  string,
  string,
];
const parent = new Response(Deno.stdin.readable).text();
void parent.then(() => Deno.exit(1));
const before = await keptUsage(folder, source);

function usage(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    source,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 + (before?.cpuSeconds ?? 0),
    // In KiB.
    peakBytes: Math.max(1024 * maxRSS, before?.peakBytes ?? 0),
  };
}

async function run(): Promise<void> {
  const load = (set: readonly string[]) =>
    loadRecipe(recipe, { plugins, set, environment: () => undefined, cwd: Deno.cwd() });
  const whole = await load([]);
  const epochs = whole.recipe.stages.filter(({ run }) => run === "train")
    .map(({ id, epochs }) =>
      `${id}.epochs=${Math.max(1, Math.round(Number(epochs) * Number(share)))}`
    );
  // The report's pictures take time that is not the method's.
  const settings = ["backend=wasm", "group=single", "observers=[jsonl]", `seed=${seed}`];
  const loaded = await load([...settings, ...epochs]);
  const timer = setInterval(() => writeUsage(folder, usage()), EVERY);
  try {
    await runRecipe(loaded, { folder, resume: before !== undefined, workerModules });
  } finally {
    clearInterval(timer);
  }
  await writeUsage(folder, usage());
}

try {
  await run();
} catch (error) {
  endFailed(error);
}
// Standard input is still open.
Deno.exit(0);
