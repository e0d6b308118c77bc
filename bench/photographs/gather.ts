import type { Manifest } from "seamstress";
import { readJson, type ReadRun, readRun } from "../measure/run_scores.ts";
import { mean } from "../page/spread.ts";
import type { Curve, Halves, PhotographRun, Times } from "./results.ts";

/** Means that a training's losses become. */
const POINTS = 40;

/**
 * Reads what the page shows of a finished run.
 *
 * @param run its folder
 * @returns scores, losses, sizes
 */
export async function gather(run: string): Promise<PhotographRun> {
  const { scores, events, tables } = await readRun(run);
  const { data: _, earlier: __, seed: ____, base: _____, ...madeWith } = await readJson<Manifest>(
    `${run}/manifest.json`,
  );
  const memory = events.filter(({ event }) => event === "memory").map(({ bytes }) => Number(bytes));
  return {
    ...scores,
    classes: classesOf(tables),
    curves: curvesOf(events),
    bytes: await sizeOf(run),
    peakBytes: Math.max(0, ...memory),
    madeWith,
  };
}

/**
 * Reads the losses of two runs of the same steps.
 *
 * @param machine the processor, and what else ran
 * @param runs folders: float32, float16
 * @returns the losses of their first training
 */
export async function gatherHalves(machine: string, runs: readonly string[]): Promise<Halves> {
  const [full, half] = await Promise.all(runs.map(gather));
  const points = (run: PhotographRun | undefined) => run?.curves[0]?.points ?? [];
  return {
    machine,
    madeWith: full!.madeWith,
    curves: [{ name: "float32", points: points(full) }, { name: "float16", points: points(half) }],
  };
}

/**
 * Reads how long the stages of two runs took.
 *
 * @param machine the processor, and what else ran
 * @param runs folders: on one thread, in a group
 * @returns seconds of the stages that both ran
 */
export async function gatherTimes(machine: string, runs: readonly string[]): Promise<Times> {
  const [single, group] = await Promise.all(runs.map(gather));
  const seconds = Object.entries(single!.seconds).flatMap(([stage, one]) => {
    const two = group!.seconds[stage];
    return two === undefined ? [] : [[stage, one, two] as const];
  });
  return { machine, madeWith: group!.madeWith, seconds };
}

/** IoU by stage and class. */
function classesOf(tables: ReadRun["tables"]): PhotographRun["classes"] {
  const classes: Record<string, Record<string, number>> = {};
  for (const [stage, table] of tables) {
    const iou = table.columns.indexOf("IoU (%)");
    if (iou < 0) continue;
    classes[stage] = Object.fromEntries(
      table.rows.filter(([name, ...row]) => name !== "mean" && typeof row[iou - 1] === "number")
        .map((row) => [String(row[0]), Math.round(100 * Number(row[iou])) / 100]),
    );
  }
  return classes;
}

/** Losses of every training, the last event of a step: a run that was killed does some again. */
function curvesOf(events: ReadRun["events"]): readonly Curve[] {
  const losses = new Map<string, Map<number, number>>();
  for (const { event, stage, step, losses: found } of events) {
    if (event !== "step") continue;
    const of = losses.getOrInsertComputed(String(stage), () => new Map<number, number>());
    of.set(Number(step), Number((found as Record<string, number>)["loss"]));
  }
  return [...losses].map(([stage, of]) => {
    const steps = [...of].sort(([a], [b]) => a - b);
    const width = Math.ceil(steps.length / POINTS);
    const points: (readonly [number, number])[] = [];
    for (let i = 0; i < steps.length; i += width) {
      const part = steps.slice(i, i + width);
      const loss = mean(part.map(([, loss]) => loss));
      points.push([part.at(-1)![0], Math.round(1e4 * loss) / 1e4]);
    }
    return { stage, points };
  });
}

/** Bytes of a folder's files. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    bytes += isDirectory ? await sizeOf(path) : (await Deno.lstat(path)).size;
  }
  return bytes;
}
