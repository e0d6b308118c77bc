import type {
  Artifact,
  ArtifactKind,
  FinishedArtifact,
  StoredArtifact,
} from "../../contracts/artifact.ts";
import type { BackendInfo } from "../../contracts/backend.ts";
import { type Group, SINGLE } from "../../contracts/group.ts";
import type { Observer } from "../../contracts/observer.ts";
import type { Chosen, Shard, Stage, StageContext } from "../../contracts/stage.ts";
import { userError } from "../../errors.ts";
import type { Recipe } from "../../recipe/schema.ts";
import { own } from "../../registry/own.ts";
import { deviceFailure } from "../device_failure.ts";
import { fileFault } from "../file_fault.ts";
import type { Stop } from "../stop.ts";
import { readArtifact } from "./artifact_info.ts";

/** A stage that begins, as rank 0 tells the others; plain JSON. */
export interface StageJob {
  readonly id: string;
  /** Its folder, absolute. */
  readonly folder: string;
  /** How many ranks run it, from 0 on. */
  readonly ranks: number;
  /** Which of its images; all where not given. */
  readonly shard?: Shard;
  /** What it chose. */
  readonly chosen?: Chosen;
  /** Artifacts of the earlier stages, by id. */
  readonly artifacts: Readonly<Record<string, StoredArtifact>>;
}

/** What a rank runs stages with. */
export interface RankContext {
  readonly recipe: Recipe;
  readonly base: string;
  readonly backend: BackendInfo;
  readonly workerModules: readonly string[];
  readonly observers: Required<Observer>;
  /** Whether the run was asked to stop. */
  readonly stop?: Stop;
  /** See {@linkcode StageContext.left}. */
  readonly left?: NonNullable<StageContext["left"]>;
}

/**
 * Picks the ranks that run a stage.
 *
 * @param group all ranks
 * @param ranks how many run it
 * @returns the group of these; undefined where this rank is not one of them
 * @throws {RangeError} where the group cannot be divided so
 */
export function firstRanks(group: Group, ranks: number): Group | undefined {
  if (ranks >= group.size) return group;
  if (group.rank >= ranks) return undefined;
  if (ranks === 1) return SINGLE;
  if (group.part) return group.part(ranks);
  throw new RangeError(`Cannot run on ${ranks} ranks: the group has ${group.size} and no part`);
}

/**
 * Runs this rank's part of a stage.
 *
 * @param stage created from the recipe
 * @param tools what makes its plugins and writes its files, and the ranks that run it
 * @param job which stage, and what it reads
 * @param context what the rank runs stages with
 * @returns what it left
 */
export async function runStage(
  stage: Stage,
  tools: Pick<StageContext, "factory" | "group" | "write">,
  { id, folder, shard, chosen, artifacts }: StageJob,
  { recipe, ...context }: RankContext,
): Promise<FinishedArtifact> {
  try {
    return await stage.run({
      ...context,
      id,
      folder,
      ...tools,
      seed: recipe.seed,
      dataset: recipe.dataset,
      ...shard && { shard },
      ...chosen && { chosen },
      artifact: (from, ...kinds) => artifactFor(id, from, own(artifacts, from), kinds),
    });
  } catch (error) {
    throw fileFault(
      await deviceFailure(error, context.backend, () => `Cannot go on with stage ${id}`),
    );
  }
}

/** The artifact of an earlier stage, of one of the kinds that a later one reads. */
function artifactFor<T extends readonly ArtifactKind[]>(
  id: string,
  from: string,
  found: StoredArtifact | undefined,
  kinds: T,
): Artifact<T[number]> {
  const artifact = found && readArtifact(found, ...kinds);
  if (artifact) return artifact;
  throw userError(
    new TypeError(
      `Cannot run stage ${id}: it reads ${
        kinds.map(({ name }) => name).join(" or ")
      } from stage "${from}", which gives ${found?.kind ?? "nothing"}`,
    ),
  );
}
