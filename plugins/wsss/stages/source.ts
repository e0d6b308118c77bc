import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { Stage, StagePlan } from "../../../core/contracts/stage.ts";
import { mistake } from "../../../core/errors.ts";
import type { Use } from "../../../core/registry/plugin.ts";

/** An earlier stage as the recipe describes it. */
export interface Source {
  readonly run: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly stage: Stage;
}

async function makeSource(plan: StagePlan, from: string): Promise<Source> {
  const source = plan.earlier(from);
  // A stage is named by `run` where other plugins are by `use`; the registry knows.
  const use = { run: source.run, ...source.options } as unknown as Use<"stage">;
  return { ...source, stage: await plan.maker.create("stage", use, undefined) };
}

/**
 * Finds an earlier stage and checks that it leaves what a later one reads.
 *
 * @param plan of the later stage
 * @param from id of the earlier one
 * @param kinds of artifact that the later one takes
 * @returns the earlier stage
 * @throws {TypeError} where it leaves another kind
 * @throws {RangeError} where there is no such stage
 */
export async function findSource(
  plan: StagePlan,
  from: string,
  ...kinds: readonly string[]
): Promise<Source> {
  const source = await makeSource(plan, from);
  const { gives } = source.stage;
  if (gives !== undefined && !kinds.includes(gives)) {
    throw mistake(
      new TypeError(
        `Cannot plan stage ${plan.id}: it reads ${
          kinds.join(" or ")
        } from stage "${from}", which runs ${source.run} and gives ${gives}`,
      ),
    );
  }
  return source;
}

/**
 * An option of an earlier stage; where it has none of that name, of the stage that it reads first, and so on.
 *
 * @param plan of the later stage
 * @param from id of the earlier one
 * @param key the option's name
 * @returns its value; none where no stage on the way has it
 */
export async function plannedOption(plan: StagePlan, from: string, key: string): Promise<unknown> {
  const { options, stage } = await makeSource(plan, from);
  if (options[key] !== undefined) return options[key];
  const [first] = stage.from;
  return first === undefined ? undefined : await plannedOption(plan, first, key);
}

/**
 * The split whose images an earlier stage will leave something of.
 *
 * @param plan of the later stage
 * @param from id of the earlier one
 * @returns the split; none where no stage on the way names one
 */
export async function plannedSplit(plan: StagePlan, from: string): Promise<string | undefined> {
  const split = await plannedOption(plan, from, "split");
  return typeof split === "string" ? split : undefined;
}

/**
 * Checks that an earlier stage leaves something of every image that a later one will read.
 *
 * @param plan of the later stage
 * @param from id of the earlier one
 * @param wanted the later stage's images
 * @param split of these
 * @throws {RangeError} naming the first image that the earlier stage does not have
 */
export async function checkImages(
  plan: StagePlan,
  from: string,
  wanted: Dataset,
  split: string,
): Promise<void> {
  const given = await plannedSplit(plan, from);
  if (given === undefined || given === split) return;
  const args = { split: given, base: plan.base };
  const dataset = await plan.maker.create("dataset", plan.dataset, args);
  const known = new Set(Array.from({ length: dataset.length }, (_, i) => dataset.name(i)));
  for (let i = 0; i < wanted.length; i++) {
    if (known.has(wanted.name(i))) continue;
    throw mistake(
      new RangeError(
        `Cannot plan stage ${plan.id}: image ${
          wanted.name(i)
        } of its split ${split} is not among the ${dataset.length} of stage "${from}", split ${given}`,
      ),
    );
  }
}
