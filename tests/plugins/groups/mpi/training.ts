import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../../../../core/recipe/paths.ts";
import { callSeamstress } from "../../../call.ts";
import { filesOf, TRAINING } from "../setup.ts";
import { type Job, processesOf, RANK_PERMISSIONS, runJob, signal, startJob } from "./job.ts";

const ROOT = fromFileUrl(new URL("../../../..", import.meta.url));

/** Settings of a training that is long enough to be killed on its way: 8 steps, each with a checkpoint. */
export const SETTINGS = ["epochs=4", "seam.checkpointEvery=1"].flatMap((set) => ["--set", set]);

/** A training over MPI. */
export interface Training extends Pick<Job, "mpi" | "hosts" | "ranks"> {
  /** The run folder; recipes are beside it. */
  readonly run: string;
  /** More arguments of the command line. */
  readonly args?: readonly string[];
}

/** Writes the recipe that the folder's runs are of. */
export async function writeRecipe(folder: string, recipe: string = TRAINING): Promise<void> {
  await Deno.writeTextFile(`${folder}/recipe.yaml`, recipe);
}

const recipeOf = (run: string) => `${run.slice(0, run.lastIndexOf("/"))}/recipe.yaml`;

function jobOf({ run, args = [], ...job }: Training): Job {
  return {
    ...job,
    deno: [
      ...RANK_PERMISSIONS,
      "--allow-write",
      `--config=${ROOT}deno.json`,
      `${ROOT}cli.ts`,
      ...["run", recipeOf(run), "--group=mpi", "--out", run, ...SETTINGS, ...args],
    ],
  };
}

/** The same by the task that users start, with its permissions: the run folder is below `runs/`. */
export function taskOf({ mpi, ranks, run, args = [] }: Training): Job {
  return { mpi, ranks, command: "task", deno: ["run-mpi", "--out", run, ...args] };
}

/** Runs it to its end, whatever that is. */
export const train = (training: Training) => runJob(jobOf(training));

/** Runs it to a good end. @returns the hashes of the files that it left */
export async function trained(training: Training): Promise<Record<string, string>> {
  const { code, out, err } = await train(training);
  assertEquals(code, 0, err + out);
  return await filesOf(training.run, "seam");
}

/** The same without MPI, in this process. */
export async function trainedAlone(
  run: string,
  ...args: readonly string[]
): Promise<Record<string, string>> {
  const { code, err } = await callSeamstress([
    ...["run", recipeOf(run), "--group=single", "--out", run, ...SETTINGS, ...args],
  ]);
  assertEquals(code, 0, err);
  return await filesOf(run, "seam");
}

/**
 * Starts it, and sends a rank a signal once there is a checkpoint.
 *
 * @param training which
 * @param rank that gets it
 * @param name of the signal
 * @param started another way to start it, and what the command of the process that gets the signal names
 * @returns how the job ended, and the ranks' processes that were left then
 */
export async function trainAndSignal(
  training: Training,
  rank: number,
  name: string,
  started: { readonly job: Job; readonly command: string } = {
    job: jobOf(training),
    command: training.run,
  },
) {
  const { run } = training;
  const child = startJob(started.job);
  const output = child.output();
  let over = false;
  void child.status.then(() => over = true);
  while (!over && !await Deno.stat(`${run}/stages/seam/checkpoints/last.json`).catch(() => null)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  let missed: unknown;
  if (!over) {
    await signal(name, await processesOf(rank, started.command)).catch((error) => missed = error);
  }
  const { code, stdout, stderr } = await output;
  // On a busy machine the job may have ended by itself before.
  if (missed !== undefined && code !== 0) throw missed;
  const decoder = new TextDecoder();
  return {
    code,
    out: decoder.decode(stdout) + decoder.decode(stderr),
    left: await leftOf(run),
  };
}

/** Ranks of a job that is over which do not end within seconds: the launcher may be gone a moment before them. */
async function leftOf(run: string): Promise<Awaited<ReturnType<typeof processesOf>>> {
  const until = performance.now() + 15_000;
  for (;;) {
    const left = await processesOf("[0-9]+", run);
    if (left.length === 0 || performance.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
