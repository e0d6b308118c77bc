import type { Stage, StagePlan } from "../../core/contracts/stage.ts";
import { mistake } from "../../core/errors.ts";
import type { Use } from "../../core/plugin.ts";

/** An earlier stage as the recipe describes it. */
export interface Source {
  readonly run: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly stage: Stage;
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
  const source = plan.earlier(from);
  // A stage is named by `run` where other plugins are by `use`; the registry knows.
  const use = { run: source.run, ...source.options } as unknown as Use<"stage">;
  const stage = await plan.maker.create("stage", use, undefined);
  if (stage.gives !== undefined && !kinds.includes(stage.gives)) {
    throw mistake(
      new TypeError(
        `Cannot plan stage ${plan.id}: it reads ${
          kinds.join(" or ")
        } from stage "${from}", which runs ${source.run} and gives ${stage.gives}`,
      ),
    );
  }
  return { ...source, stage };
}
