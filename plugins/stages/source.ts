import type { StagePlan } from "../../core/contracts/stage.ts";
import { mistake } from "../../core/errors.ts";
import type { Use } from "../../core/plugin.ts";

/** An earlier stage as the recipe describes it. */
export interface Source {
  readonly run: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Finds an earlier stage and checks that it leaves what a later one reads.
 *
 * @param plan of the later stage
 * @param from id of the earlier one
 * @param kind of artifact that is needed
 * @returns the earlier stage's plugin and options
 * @throws {TypeError} where it leaves another kind
 * @throws {RangeError} where there is no such stage
 */
export async function findSource(plan: StagePlan, from: string, kind: string): Promise<Source> {
  const source = plan.earlier(from);
  // A stage is named by `run` where other plugins are by `use`; the registry knows.
  const use = { run: source.run, ...source.options } as unknown as Use<"stage">;
  const { gives } = await plan.maker.create("stage", use, undefined);
  if (gives !== undefined && gives !== kind) {
    throw mistake(
      new TypeError(
        `Cannot plan stage ${plan.id}: it reads ${kind} from stage "${from}", which runs ${source.run} and gives ${gives}`,
      ),
    );
  }
  return source;
}
