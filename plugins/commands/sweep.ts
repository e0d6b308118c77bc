import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import { resolvePath } from "../../core/recipe/paths.ts";
import { writeAtomic } from "../../core/run/atomic.ts";
import { realFolder } from "../../core/run/real_folder.ts";
import { formatDuration } from "../command_line/duration.ts";
import { flags } from "../command_line/flags.ts";
import { StopListener } from "../command_line/stop/listener.ts";
import { inParallel } from "../formats/in_parallel.ts";
import { loadRecipe } from "../recipe_files/load.ts";
import { parseShard } from "../shards/parse_shard.ts";
import { noteModule } from "./note_module.ts";
import { NamedVariables, needWriteAccess } from "./permissions.ts";
import type { Shipped } from "./shipped.ts";
import { collectScores } from "./sweep/collect.ts";
import { parseGrid, parseSeeds, type SweepRun, sweepRuns } from "./sweep/grid.ts";
import { runOne } from "./sweep/run_one.ts";
import { summarize } from "./sweep/summarize.ts";
import { sweepCsv, sweepMarkdown } from "./sweep/table.ts";

/** SIGTERM reaches this process alone, SIGINT of a terminal the runs too. */
const SIGTERM_CODE = 143;

/** Between two looks whether a signal came, in milliseconds. */
const LOOK = 200;

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isSafeInteger(jobs) && jobs > 0) return jobs;
  throw userError(
    new RangeError(`Cannot read option --jobs ${text}: expected a whole number from 1`),
  );
}

/** Settings of one run, as `run` takes them; settings of all runs come first. */
function settingsOf({ settings, seed }: SweepRun, common: readonly string[]): readonly string[] {
  return [...common, ...Object.entries(settings).map(([k, v]) => `${k}=${v}`), `seed=${seed}`];
}

/**
 * Runs a recipe with several seeds and settings, each in a process and a run folder of its own, and makes a table of their scores.
 *
 * @param args what stands behind `sweep`
 * @param shipped the plugins that ship
 * @param out where to write
 * @returns the exit code: 0 where every run of this process finished, 1 where one failed, 130 or 143 stopped by a signal
 */
export async function sweepCommand(
  args: readonly string[],
  { plugins }: Shipped,
  out: CommandOutput,
): Promise<number> {
  const given = flags(args, {
    text: ["seeds", "jobs", "out", "backend", "shard"],
    list: ["grid", "set"],
    on: ["collect", "json"],
  });
  const [recipe, ...others] = given._;
  if (recipe === undefined || others.length > 0) {
    throw userError(
      new TypeError(
        `Cannot sweep: expected one recipe, found ${given._.length}; such as deno task sweep recipes/mini/seam.yaml --seeds 0-2`,
      ),
    );
  }
  const seeds = given.text("seeds"), backend = given.text("backend");
  const jobs = parseJobs(given.text("jobs") ?? "1");
  const share = given.text("shard");
  const shard = share === undefined ? undefined : parseShard(share);
  const common = [...backend === undefined ? [] : [`backend=${backend}`], ...given.list("set")];
  const grids = given.list("grid").map(parseGrid);
  const cwd = Deno.cwd();
  const variables = new NamedVariables();
  const load = (set: readonly string[], onModule = (_: string) => {}) =>
    loadRecipe(recipe, { plugins, set, environment: variables.read, onModule, cwd });
  const first = await load(common, noteModule(out));
  const runs = sweepRuns(grids, seeds === undefined ? [first.recipe.seed] : parseSeeds(seeds));
  // What is wrong with the last combination is said before the first is run.
  for (const run of runs) await load(settingsOf(run, common));
  const to = given.text("out") ?? `runs/${first.recipe.name}-sweep`;
  const folder = await realFolder(resolvePath(cwd, to));
  await needWriteAccess(folder, {
    command: "sweep RECIPE",
    flags: [...variables.flags, `--allow-run=${Deno.execPath()}`],
  });
  await Deno.mkdir(folder, { recursive: true });
  const mine = given.on("collect")
    ? []
    : runs.filter((_, i) => !shard || i % shard.of === shard.number - 1);
  const failed: string[] = [];
  const terminate = new AbortController();
  using stop = await StopListener.open();
  const passOn = setInterval(() => {
    if (stop.requested && stop.exitCode === SIGTERM_CODE) terminate.abort();
  }, LOOK);
  try {
    await inParallel([...mine.entries()], jobs, async ([i, run]) => {
      if (stop.requested) return;
      const label = `${i + 1}/${mine.length} ${run.name}`;
      out.note(`${label}: begins`);
      const started = performance.now();
      const { code, last } = await runOne({
        folder: `${folder}/${run.name}`,
        args: [recipe, ...settingsOf(run, common).map((each) => `--set=${each}`)],
        terminate: terminate.signal,
      });
      const time = formatDuration((performance.now() - started) / 1000);
      if (code === 0) out.note(`${label}: finished, ${time}`);
      else if (stop.requested) out.note(`${label}: stopped`);
      else {
        failed.push(run.name);
        out.note(`${label}: failed, exit code ${code}; ${folder}/${run.name}.log\n  ${last}`);
      }
    });
  } finally {
    clearInterval(passOn);
  }
  const scores = await collectScores(folder, runs);
  const rows = summarize(scores);
  const json = JSON.stringify({ recipe, set: common, runs: runs.length, rows, scores }, null, 2);
  await writeAtomic(`${folder}/sweep.json`, `${json}\n`);
  await writeAtomic(`${folder}/sweep.csv`, sweepCsv(rows));
  const table = rows.length > 0 ? sweepMarkdown(rows) : "No evaluation is finished.";
  await writeAtomic(`${folder}/sweep.md`, `${table}\n`);
  out.print(given.on("json") ? json : table);
  out.note(`${scores.length} of ${runs.length} runs have scores: ${folder}/sweep.md, .csv, .json`);
  if (stop.requested) {
    out.note("the sweep was stopped; the same command goes on with it");
    return stop.exitCode;
  }
  return failed.length > 0 ? 1 : 0;
}
