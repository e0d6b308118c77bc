import type { StoredArtifact } from "../../core/contracts/artifact.ts";
import type { GroupPlugin } from "../../core/contracts/group.ts";
import type { Shard } from "../../core/contracts/stage.ts";
import type { LoadedRecipe } from "../../core/recipe/load.ts";
import { own } from "../../core/registry/own.ts";
import { joinObservers } from "../../core/run/observers.ts";
import type { RunPlan } from "../../core/run/plan.ts";
import type { RunOptions } from "../../core/run/run.ts";
import type { PlannedStage } from "../../core/run/stages/planned.ts";
import { firstRanks, runStage, type StageJob } from "../../core/run/stages/run_stage.ts";
import { Journal } from "../../core/run/stored/journal.ts";
import { Stopped } from "../../core/run/stop.ts";
import { shardName } from "./parse_shard.ts";

/** What is still to be done of a stage when a shard has done its share. */
export interface Left {
  readonly stage: string;
  /** Images without their files. */
  readonly images: number;
  /** Images of the stage. */
  readonly total: number;
  /** Their indices. */
  readonly indices: readonly number[];
}

/** What {@linkcode runShares} needs. */
export interface SharesOptions
  extends Pick<RunOptions, "pluginModules" | "workerModules" | "stop"> {
  readonly shard: Shard;
  readonly plan: RunPlan;
  /** Not joined yet. */
  readonly group: GroupPlugin;
  /** Those to do a share of, begun. */
  readonly stages: readonly PlannedStage[];
  /** Of the finished stages, by id. */
  readonly artifacts: ReadonlyMap<string, StoredArtifact>;
  /** Throws where the folder or the shard is not this process's any more; asked between two images. */
  readonly look: () => Promise<void>;
}

/**
 * Does a shard's share of stages, on every rank of this process's group.
 *
 * @param loaded the recipe and its plugins
 * @param options which, and of what
 * @returns what is left of each stage
 * @throws {Stopped} where it was asked to stop
 */
export async function runShares(
  { recipe, registry, base, modules }: LoadedRecipe,
  options: SharesOptions,
): Promise<readonly Left[]> {
  const { shard, plan, stages, stop } = options;
  const { backend, folder } = plan;
  if (stages.length === 0) return [];
  const started = performance.now();
  const workerModules = [...options.workerModules, ...modules];
  await using group = await options.group.join({
    recipe,
    base,
    modules: options.pluginModules ? [...options.pluginModules, ...modules] : [],
    workerModules,
    backend,
    size: Math.max(1, ...stages.map(({ spec }) => own(plan.ranks, spec.id) ?? 1)),
  });
  const progress = async () => {
    group.check?.();
    await options.look();
  };
  const observers = joinObservers([{ progress }, plan.observers, {
    progress({ stage, done, total }) {
      if (stop?.requested && done < total) {
        throw new Stopped(
          `stage ${stage} after ${done} of the ${total} images of shard ${shardName(shard)}`,
        );
      }
    },
  }]);
  const left: Left[] = [];
  try {
    await observers.start({
      name: `${recipe.name}, shard ${shardName(shard)}`,
      folder,
      backend: backend.name,
      device: backend.device,
      ...group.size > 1 && { ranks: group.size },
      ...backend.precision === "f16" && { precision: backend.precision },
      stages: stages.map(({ spec }) => spec.id),
    });
    for (const { spec, stage, modules } of stages) {
      const { id, run } = spec;
      if (stop?.requested) throw new Stopped(`before stage ${id}`);
      const event = { stage: id, plugin: run };
      await observers.stage({ ...event, state: "begin" });
      const begun = performance.now();
      const chosen = own(plan.chosen, id);
      const job: StageJob = {
        id,
        folder: `${folder}/stages/${id}`,
        ranks: own(plan.ranks, id) ?? 1,
        shard,
        ...chosen && { chosen },
        artifacts: Object.fromEntries(options.artifacts),
      };
      await group.broadcast<StageJob | null>(job);
      let found: Left | undefined;
      {
        using journal = Journal.join(job.folder, 0, shard);
        const tools = {
          factory: registry.watched(modules.use),
          group: firstRanks(group, job.ranks)!,
          write: journal.write,
        };
        await runStage(stage, tools, job, {
          recipe,
          base,
          backend,
          workerModules,
          observers,
          ...stop && { stop },
          left: (indices, total) => {
            found = { stage: id, images: indices.length, total, indices };
          },
        });
        await group.gather({});
      }
      await backend.check();
      if (!found) {
        throw new TypeError(
          `Stage ${id} (${run}) says that shards can do its images, and did not tell which are left`,
        );
      }
      left.push(found);
      const seconds = (performance.now() - begun) / 1000;
      await observers.stage({ ...event, state: "finished", seconds });
    }
    await group.broadcast<StageJob | null>(null);
  } catch (error) {
    await observers.error({ error });
    await group.abort(error);
    throw error;
  }
  await observers.note({
    stage: stages.at(-1)!.spec.id,
    text: `shard ${shardName(shard)} is done, in ${
      Math.round((performance.now() - started) / 1000)
    } s`,
  });
  return left;
}
