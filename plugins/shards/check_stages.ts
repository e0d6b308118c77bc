import type { Shard } from "../../core/contracts/stage.ts";
import { userError } from "../../core/errors.ts";
import type { RunPlan } from "../../core/run/plan.ts";
import { willRun } from "../../core/run/stages/decide.ts";
import { shardName } from "./parse_shard.ts";

/**
 * Checks that what a run has to do can be done by shards, which know nothing of each other: stages that go through images and whose
 * sources are finished, and what one of them can do alone in the end.
 *
 * @param plan of the run
 * @param shard which
 * @returns ids of the stages whose images are shared
 * @throws {RangeError} naming the first stage that cannot be run so, and what to do
 */
export function checkStages(
  { stages, decisions }: Pick<RunPlan, "stages" | "decisions">,
  shard: Shard,
): readonly string[] {
  const toRun = new Set(
    stages.filter((_, i) => willRun(decisions[i]!)).map(({ spec }) => spec.id),
  );
  const shared: string[] = [];
  for (const { spec: { id, run }, stage: { shards, from } } of stages) {
    if (!toRun.has(id)) continue;
    const refuse = (why: string, how: string) =>
      userError(
        new RangeError(`Cannot run stage ${id} with --shard ${shardName(shard)}: ${why}; ${how}`),
      );
    if (shards === undefined) {
      throw refuse(
        `${run} cannot be shared by processes that know nothing of each other`,
        `run it first, without --shard and with --until ${id}, or leave it out with --only`,
      );
    }
    const unfinished = from.find((source) => toRun.has(source));
    if (shards === "images" && unfinished !== undefined) {
      throw refuse(
        `it reads stage ${unfinished}, which is not finished`,
        `run all shards with --until ${unfinished} first, then all of them again with --only ${id}`,
      );
    }
    if (shards === "images") shared.push(id);
  }
  return shared;
}
