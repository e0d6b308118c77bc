import { prepareBackend, type TestedBackend } from "./backends.ts";
import { loadMini, type MiniRecipe } from "./mini_recipe.ts";
import { largest, relativeDifference } from "./numbers.ts";
import { openTraining, type Sums, sumsOf } from "./still_training.ts";

/** What is compared, and how closely. */
export interface MicroBatchesOptions extends MiniRecipe {
  /** Samples a micro-batch, each compared with the whole batch at once; 1 and 3 unless given (of a batch of 4: 3, then 1). */
  readonly sizes?: readonly number[];
  /** Steps, so that state of the first is seen in the second; 2 unless given. */
  readonly steps?: number;
  /** Largest difference, in parts of a tensor's largest value: 1e-4 unless given. */
  readonly tolerance?: number;
}

/** What was compared. */
export interface MicroBatchesReport {
  /** The largest difference, in parts of a tensor's largest value. */
  readonly difference: number;
  /** What was equal: `loss NAME in step 1`, `gradient of NAME in step 1`, `NAME gathered in step 1`, `NAME behind step 1`. */
  readonly compared: readonly string[];
}

/**
 * Computes the same batch at once and in micro-batches of other sizes, by a method and its losses: losses, gradients of all that trains,
 * what is gathered, and what method and losses keep behind a step must be the same. Parameters stay as they are drawn; each size is
 * computed by plugins that are made anew.
 *
 * It finds a loss that is no mean over samples, random numbers that depend on a sample's place in the micro-batch, state that follows
 * micro-batches in turn.
 *
 * @param options plugins and the training; its backend computes
 * @returns what was compared, and the largest difference
 * @throws {Error} naming what differs, and in which micro-batches
 * @throws {TypeError} where a part of the training says that it takes statistics over its micro-batch: nothing is promised then
 *
 * @example A loss that is a sum
 * ```ts
 * import { assert, assertRejects } from "@std/assert";
 * import { definePlugin } from "seamstress";
 * import { checkMicroBatches } from "seamstress/testing";
 * import * as tf from "@tensorflow/tfjs";
 * import * as z from "zod";
 * const { compared } = await checkMicroBatches();
 * assert(compared.includes("gradient of fc8.weight in step 2"));
 * const sum = definePlugin({
 *   kind: "loss",
 *   name: "sum",
 *   summary: "a sum over the samples, which should be a mean",
 *   options: z.strictObject({}),
 *   create: () => ({ needs: ["cam"], compute: ({ views }) => tf.sum(tf.square(views[0]!["cam"]!)) }),
 * });
 * await assertRejects(
 *   () => checkMicroBatches({ plugins: [sum], train: { losses: ["sum"] } }),
 *   Error,
 *   "loss sum in step 1 is another in micro-batches of 1",
 * );
 * ```
 */
export async function checkMicroBatches(
  options: MicroBatchesOptions = {},
): Promise<MicroBatchesReport> {
  const { sizes = [1, 3], steps = 2, tolerance = 1e-4 } = options;
  const loaded = await loadMini(options);
  const backend = loaded.recipe.backend.use as TestedBackend;
  await using prepared = await prepareBackend(backend, loaded.registry.list());
  const training = await openTraining(loaded, steps);
  const whole = await sumsOf(training, training.settings.batch.size);
  const differences: number[] = [];
  for (const size of sizes) {
    for (const [what, found, wanted, scale] of pairs(await sumsOf(training, size), whole)) {
      const difference = relativeDifference(found, wanted, scale);
      if (!(difference <= tolerance)) {
        throw new Error(
          `${what} is another in micro-batches of ${size} than in the whole batch of ${training.settings.batch.size}: ` +
            `off by ${difference.toExponential(1)} of its largest value; ${tolerance} is allowed`,
        );
      }
      differences.push(difference);
    }
  }
  await prepared.info.check();
  return { difference: largest(differences), compared: [...whole.keys()] };
}

/** What a quantity is in both, and what counts as 1: at least a millionth of the largest of its kind, below which rounding stands. */
function* pairs(
  found: Sums,
  whole: Sums,
): Generator<[string, ArrayLike<number>, ArrayLike<number>, number]> {
  const gradients = [...whole].filter(([what]) => what.startsWith("gradient"));
  const floor = 1e-6 * largest(gradients.map(([, values]) => largest(Array.from(values))));
  for (const [what, wanted] of whole) {
    const scale = largest(Array.from(wanted));
    const least = what.startsWith("gradient") ? floor : 0;
    yield [what, found.get(what) ?? [], wanted, Math.max(scale, least)];
  }
}
