/**
 * Trains every method on the embedded world over several seeds, scores its CAMs and its classifier, and writes bench/results/methods.json
 * and the table of docs/methods.md. A method is the baseline, SEAM, or a recipe recipes/mini/NAME.yaml whose plugins stand in
 * plugins/NAME/ (`-` in a recipe's name is `_` in the folder's).
 *
 *   deno task methods                 what is missing or has changed since it was measured
 *   deno task methods --only irn,eps --seeds 0,1 --jobs 1
 *   deno task methods --page          the table alone, from what was measured
 *
 * Each run is a process of its own, `--jobs` of them at a time, one thread each; they land in runs/methods/NAME-SEED. What is measured is
 * written at once: started again, the command goes on with the run that it was broken off in. `--busy` records on a machine that does
 * other work, marked.
 *
 * A change of a recipe or of a method's own files is noticed; after one elsewhere, remove bench/results/methods.json and runs/methods.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { formatDuration, inParallel } from "seamstress";
import { Load } from "./measure/load.ts";
import { print } from "./measure/print.ts";
import { findMethods, type Method } from "./methods/list.ts";
import { type MeasuredRun, merge, readMethods, writeMethods } from "./methods/results.ts";
import { runMethod } from "./methods/run.ts";
import { describeSource } from "./methods/source.ts";
import { writeTable } from "./methods/table.ts";

const SEEDS = [0, 1, 2];

const args = parseArgs(Deno.args, {
  boolean: ["busy", "page"],
  string: ["only", "seeds", "jobs"],
}) as { busy?: boolean; page?: boolean; only?: string; seeds?: string; jobs?: string };
const jobs = Number(args.jobs ?? 2);
const seeds = args.seeds?.split(",").map(Number) ?? SEEDS;

if (!args.page) {
  const failed = await measure(
    (await findMethods()).filter(({ name }) => args.only?.split(",").includes(name) ?? true),
  );
  for (const line of failed) print(`FAILED ${line}`);
  if (failed.length > 0) Deno.exitCode = 1;
}
await writeTable(await readMethods());

/** A run that is to be made. */
interface Job {
  readonly method: Method;
  readonly seed: number;
}

async function measure(methods: readonly Method[]): Promise<readonly string[]> {
  const load = await Load.beforeMeasuring(args.busy ?? false);
  let results = await readMethods();
  const wanted = seeds.flatMap((seed) => methods.map((method): Job => ({ method, seed })));
  const todo = wanted.filter(({ method, seed }) =>
    results.find(({ name }) => name === method.name)?.runs
      .find((run) => run.seed === seed)?.source !== method.source
  );
  print(`${wanted.length - todo.length} of ${wanted.length} runs are measured already`);
  const failed: string[] = [];
  const began = performance.now();
  let done = 0;
  await inParallel(todo, jobs, async ({ method, seed }) => {
    let said: string;
    try {
      const run = await runMethod(method, seed, jobs, load);
      results = merge(results, { ...method, ...await describeSource(method) }, run);
      await writeMethods(results);
      said = describe(run);
    } catch (error) {
      said = `FAILED: ${(error as Error).message}`;
      failed.push(`${method.name}, seed ${seed}: ${(error as Error).message}`);
    }
    done++;
    const left = (performance.now() - began) / done * (todo.length - done) / 1000;
    print(
      `${done}/${todo.length} ${method.name}, seed ${seed}: ${said}` +
        (done < todo.length ? `; ${formatDuration(left)} left` : ""),
    );
  });
  return failed;
}

function describe({ scores, seconds, cpuSeconds }: MeasuredRun): string {
  const { miou, map } = scores;
  return `mIoU ${miou.toFixed(1)}, mAP ${map?.toFixed(1) ?? "-"}, ${Math.round(seconds)} s (${
    Math.round(cpuSeconds)
  } s of a core)`;
}
