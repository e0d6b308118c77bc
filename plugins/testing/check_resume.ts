import { readSafetensors, type StateDict } from "seamstress";
import { type MiniRecipe, TRAIN } from "./mini_recipe.ts";
import { miniRun, type MiniRunOptions } from "./mini_run.ts";

/** What is broken off, and where. */
export interface ResumeOptions extends MiniRecipe {
  /** Steps after which it is broken off, one run each; 3 unless given. Checkpoints are written every 2 unless `train` says otherwise. */
  readonly after?: readonly number[];
}

/** What was compared. */
export interface ResumeReport {
  /** Steps of the unbroken training. */
  readonly steps: number;
  /** Names of the tensors that are equal to the bit: the network's, the optimizer's, and what method and losses keep. */
  readonly tensors: readonly string[];
}

/**
 * Trains once unbroken; then stops after a step and resumes, and fails in a step and resumes from the last checkpoint, as a run that was
 * killed does. Each must end with the bits of the unbroken one: weights, the optimizer's state, what method and losses keep, and the
 * loss of every step.
 *
 * It finds state that no checkpoint has: variables of a closure begin anew where the plugin is made again, those of a module go on where
 * the steps since the checkpoint are taken twice. It finds random numbers that come from elsewhere than the streams that plugins are
 * given. On webgpu sums may differ between two runs; keep to `wasm`, which is the default, or `cpu`.
 *
 * @param options plugins, the training, and where it is broken off; stages behind the training run only where they are given
 * @returns what was compared
 * @throws {Error} naming the step or the tensor that differs; where the training is over before it is broken off
 *
 * @example A method that counts its steps outside of its parameters
 * ```ts
 * import { assert, assertRejects } from "@std/assert";
 * import { definePlugin } from "seamstress";
 * import { checkResume } from "seamstress/testing";
 * import * as tf from "@tensorflow/tfjs";
 * import * as z from "zod";
 * const { tensors } = await checkResume();
 * assert(tensors.includes("fc8.weight"));
 * const forgets = definePlugin({
 *   kind: "loss",
 *   name: "forgets",
 *   summary: "grows with the steps since it was made",
 *   options: z.strictObject({}),
 *   create() {
 *     let seen = 0;
 *     return { needs: ["cam"], compute: ({ views }) => tf.mul(++seen, tf.mean(tf.square(views[0]!["cam"]!))) };
 *   },
 * });
 * const train = { losses: ["classification", "forgets"] };
 * await assertRejects(() => checkResume({ plugins: [forgets], train }), Error, "the loss forgets of step");
 * ```
 */
export async function checkResume(options: ResumeOptions = {}): Promise<ResumeReport> {
  const { after = [3], ...training } = options;
  const common: MiniRunOptions = {
    stages: [],
    ...training,
    train: { checkpointEvery: 2, ...training.train },
  };
  await using whole = await miniRun(common);
  const wanted = await tensorsOf(whole.folder), steps = whole.losses.length;
  for (const at of after) {
    if (!(at > 0 && at < steps)) {
      throw new Error(`Cannot break off after step ${at}: the training has ${steps} steps`);
    }
    for (const way of ["stopped", "failed"] as const) {
      const what = `A training that ${way} after step ${at} and is resumed`;
      const folder = await Deno.makeTempDir({ prefix: "seamstress-" });
      try {
        await breakOff({ ...common, folder: `${folder}/run` }, at, way);
        await using resumed = await miniRun({
          ...common,
          folder: `${folder}/run`,
          resume: true,
        });
        compareLosses(what, resumed.losses, whole.losses);
        compareTensors(what, await tensorsOf(resumed.folder), wanted);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }
  }
  return { steps, tensors: [...wanted.keys()] };
}

/** What an observer ends a run with. */
class BrokenOff extends Error {}

async function breakOff(
  options: MiniRunOptions,
  after: number,
  way: "stopped" | "failed",
): Promise<void> {
  const stop = { requested: false };
  let broken = false;
  try {
    await miniRun({
      ...options,
      stop,
      onStep(step) {
        if (step < after) return;
        broken = true;
        if (way === "failed") throw new BrokenOff(`after step ${step}`);
        stop.requested = true;
      },
    });
  } catch (error) {
    if (!broken) throw error;
    return;
  }
  throw new Error(`The training ended though it was ${way} after step ${after}`);
}

function compareLosses(
  what: string,
  found: readonly Readonly<Record<string, number>>[],
  wanted: readonly Readonly<Record<string, number>>[],
): void {
  // It goes on where the last checkpoint was.
  const skipped = wanted.length - found.length;
  for (const [i, losses] of found.entries()) {
    const expected = wanted[skipped + i]!;
    const parts = Object.keys(expected).filter((name) => name !== "loss");
    for (const name of [...parts, "loss"]) {
      if (losses[name] === expected[name]) continue;
      throw new Error(
        `${what} computes other numbers: the loss ${name} of step ${skipped + i + 1} is ${
          losses[name]
        }, ` +
          `unbroken it is ${expected[name]}; what lasts across steps belongs into params`,
      );
    }
  }
}

function compareTensors(what: string, found: StateDict, wanted: StateDict): void {
  for (const [name, { data }] of wanted) {
    const other = found.get(name)?.data;
    const at = data.findIndex((value, i) => !Object.is(value, other?.[i]));
    if (at >= 0) {
      throw new Error(
        `${what} ends with another ${name}: element ${at} is ${other?.[at]}, unbroken it is ${
          data[at]
        }; ` +
          "what lasts across steps belongs into params",
      );
    }
  }
}

/** Every tensor of the last checkpoint. */
async function tensorsOf(run: string): Promise<StateDict> {
  const folder = `${run}/stages/${TRAIN}/checkpoints`;
  const { step } = JSON.parse(await Deno.readTextFile(`${folder}/last.json`));
  const files = await Promise.all(
    [`last-${step}.safetensors`, `last-${step}.state.safetensors`]
      .map((name) => readSafetensors(`${folder}/${name}`)),
  );
  return new Map(files.flatMap(({ tensors }) => [...tensors]));
}
