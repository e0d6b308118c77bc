import {
  definePlugin,
  type Observer,
  type Plugin,
  runRecipe,
  type StepEvent,
  type Stop,
  type Table,
} from "seamstress";
import { workerModules } from "seamstress/plugins";
import * as z from "zod";
import { loadMini, type MiniRecipe, TRAIN } from "./mini_recipe.ts";

/** A mini run, and where it goes. */
export interface MiniRunOptions extends MiniRecipe {
  /** The run folder; a new one that is removed with the result unless given. */
  readonly folder?: string;
  /** Whether to go on with what the folder has. */
  readonly resume?: boolean;
  /** Whether to stop, looked at between two steps or images. */
  readonly stop?: Stop;
  /** Called after each step of a training, with the steps done; what it throws ends the run. */
  readonly onStep?: (step: number) => void;
}

/** What a run gave. */
export interface MiniRunResult extends AsyncDisposable {
  /** The run folder, as `deno task run` would have left it. */
  readonly folder: string;
  /** Losses by name of each step, `loss` the weighted total. */
  readonly losses: readonly Readonly<Record<string, number>>[];
  /** Headline numbers of each stage that scores, in percent where the metric says so. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Absolute path of the weights that the training left. */
  readonly weights: string;
}

/** Behind the training: CAMs of what it learned from, scored with the alpha that is best on them, and scores of 8 other scenes. */
const SCORED = [
  { id: "cams", run: "infer", from: TRAIN, split: "train[0:16]", scales: [1], flip: false },
  {
    id: "score",
    run: "evaluate",
    from: "cams",
    metric: { use: "miou", alpha: { sweep: [0.05, 0.95, 0.05] } },
  },
  {
    id: "held-out",
    run: "infer",
    from: TRAIN,
    split: "val[0:8]",
    scales: [1],
    flip: false,
    save: ["scores"],
  },
  { id: "map", run: "evaluate", from: "held-out", metric: "multilabel" },
];

/**
 * Trains on the embedded world for a few steps, infers CAMs and scores them: a second or two that show whether a plugin runs at all, in
 * planning, training and inference. Scores of so short a training say nothing about a method.
 *
 * @param options plugins and what the training is
 * @returns losses, scores and the run folder; dispose it, or declare it with `await using`
 * @throws what `deno task run` would end with
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { miniRun } from "seamstress/testing";
 * await using run = await miniRun({
 *   train: { losses: [{ use: "classification", weight: 2 }], maxSteps: 3 },
 * });
 * assertEquals(run.losses.length, 3);
 * assert(run.losses.every(({ loss, classification }) => Math.abs(loss! - 2 * classification!) < 1e-5));
 * assert(run.scores["score"]!["miou"]! >= 0);
 * ```
 */
export async function miniRun(options: MiniRunOptions = {}): Promise<MiniRunResult> {
  const { folder: given, resume = false, stop, onStep, stages = SCORED, plugins = [] } = options;
  const temporary = given === undefined ? await Deno.makeTempDir({ prefix: "seamstress-" }) : null;
  const folder = given ?? `${temporary}/run`;
  const remove = async () => {
    if (temporary !== null) await Deno.remove(temporary, { recursive: true });
  };
  try {
    const losses: StepEvent["losses"][] = [];
    const scores: Record<string, Table["summary"]> = {};
    const watch = watching({
      step({ step, losses: found }) {
        losses.push(found);
        onStep?.(step);
      },
      artifact({ stage, table }) {
        if (table) scores[stage] = table.summary;
      },
    });
    const { recipe = {}, train = {} } = options;
    const named = Array.isArray(recipe["observers"]) ? recipe["observers"] : [];
    const loaded = await loadMini({
      train,
      stages,
      plugins: [...plugins, watch],
      recipe: { ...recipe, observers: [...named, watch.name] },
    });
    const artifacts = await runRecipe(loaded, {
      folder,
      resume,
      workerModules,
      ...stop && { stop },
    });
    const trained = artifacts.get(TRAIN)!;
    return {
      folder,
      losses,
      scores,
      weights: `${trained.folder}/${trained.info["weights"]}`,
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** An observer that is given as a value. */
function watching(observer: Observer): Plugin {
  return definePlugin({
    kind: "observer",
    name: "mini-run",
    summary: "what a mini run gives back",
    options: z.strictObject({}),
    create: () => observer,
  });
}
