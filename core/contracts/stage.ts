import type { BackendInfo } from "./backend.ts";
import type {
  Artifact,
  ArtifactKind,
  EarlierArtifact,
  FinishedArtifact,
  PlannedArtifact,
} from "./artifact.ts";
import type { Group } from "./group.ts";
import type { Observer } from "./observer.ts";
import type { Work } from "./work.ts";
import type { WriteFile } from "./write_file.ts";
import type { Stop } from "../run/stop.ts";
import type { PluginFactory, Use } from "../registry/plugin.ts";

/** Options that a stage chose to suit the device, by path: `{ "batch.micro": 2 }`. */
export type Chosen = Readonly<Record<string, number>>;

/** Among how many ranks a stage can share its work: any number, one of some, or one alone, and why: `loss ppc needs the whole batch`. */
export type RankCounts = "any" | readonly number[] | { readonly alone: string };

/** One of several processes that do a stage's images between them, each its own share and without a word to the others. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  /** How many there are. */
  readonly of: number;
}

/** What a stage runs with. */
export interface StageContext {
  /** The stage's, as the recipe names it. */
  readonly id: string;
  /** The stage's own folder, which exists; files of a killed run are still in it. */
  readonly folder: string;
  /**
   * Writes a file of this folder and notes its hash at once: if the run is killed, it is told on resuming whether the file is still
   * what was written. Files that are written by other means are taken as they are found when the stage has finished.
   */
  readonly write: WriteFile;
  /** The recipe's: all randomness derives from it. */
  readonly seed: number;
  /** Folder that relative paths in the recipe start from. */
  readonly base: string;
  /** The recipe's data set. */
  readonly dataset: Use<"dataset">;
  /** Makes the plugins that its options name. */
  readonly factory: PluginFactory;
  /** The device that tensors are on. */
  readonly backend: BackendInfo;
  /** The ranks that run the stage; this one computes its part. */
  readonly group: Group;
  /**
   * The share of the images that is to be done, all where not given; what the stage returns is of no account then. Its
   * {@linkcode Group} shares it further.
   */
  readonly shard?: Shard;
  /** Told on rank 0, when a shard's images are done, the indices of those that no shard has done yet, and how many images there are. */
  readonly left?: (indices: readonly number[], total: number) => void;
  /** Modules that data-loading Workers import, as file URLs: each exports plugins. */
  readonly workerModules: readonly string[];
  /**
   * Artifact of an earlier stage, of one of some kinds. Throws where it is of none of them, or where what the run folder says of it
   * does not fit its kind.
   */
  artifact<T extends readonly ArtifactKind[]>(id: string, ...kinds: T): Artifact<T[number]>;
  /** Sends events to every observer of the run. */
  readonly observers: Required<Observer>;
  /** What it chose before the run started. */
  readonly chosen?: Chosen;
  /**
   * Whether the run was asked to stop. `observers.progress` ends a stage then, between two images; only a stage that has to keep
   * something first need look.
   */
  readonly stop?: Stop;
}

/** What a stage is planned with, before the run starts and any artifact exists. */
export interface StagePlan {
  /** The stage's, as the recipe names it. */
  readonly id: string;
  /** Folder that relative paths in the recipe start from. */
  readonly base: string;
  /** The recipe's data set. */
  readonly dataset: Use<"dataset">;
  /** Makes the plugins that its options name. */
  readonly factory: PluginFactory;
  /** What an earlier stage says that it will leave, of one of some kinds. Throws where there is no such stage, or of none of them. */
  earlier<T extends readonly ArtifactKind[]>(
    id: string,
    ...kinds: T
  ): Promise<EarlierArtifact<T[number]>>;
  /** What it chose, where that was asked for already. */
  readonly chosen?: Chosen;
  /** How many ranks there are at most, where `choose` asks; how many run it, where `estimate` does. One where not given. */
  readonly ranks?: number;
  /** How many of them share this machine's memory; all where not given. */
  readonly localRanks?: number | undefined;
}

/** Time, memory and disk that a stage will take, as far as it knows; for `run --dry-run`. */
export interface StageEstimate {
  /** What it reads besides earlier stages, such as `train[0:200]`. */
  readonly reads?: string;
  /** Images that it goes through; each counts once. */
  readonly images?: number;
  /** Optimizer steps. */
  readonly steps?: number;
  /** Samples of all steps together. */
  readonly samples?: number;
  /** Numbers in the network's parameters. */
  readonly parameters?: number;
  /** Bytes that it leaves in its folder. */
  readonly writeBytes?: number;
  /** Most bytes of tensors at once, parameters included; of all ranks together. */
  readonly peakBytes?: number;
  /** What it asks of the device in all, whichever rank does it, where that is most of its time; its time is unknown without it. */
  readonly work?: Work;
  /** How these were found, where that is not a matter of course. */
  readonly notes?: readonly string[];
}

/** Contract of kind `stage`. */
export interface Stage {
  /** Ids of the earlier stages that it reads. */
  readonly from: readonly string[];
  /** Paths of options that do not change its result, such as `workers`: it goes on where they are changed between two runs. */
  readonly resumeIgnores?: readonly string[];
  /** Fails before any work starts; reads nothing large. @returns hashes of data it will read, for skipping when unchanged. */
  check(plan: StagePlan): Promise<readonly string[]>;
  /** What it will leave: its kind, and what later stages want to know of it before the run starts. Called after `check`. */
  gives(plan: StagePlan): PlannedArtifact | Promise<PlannedArtifact>;
  /**
   * Chooses what its options leave to the device, before the run starts; what it chose stays when the run is resumed. Called after
   * `check`, with the backend prepared, for a stage that will run.
   */
  choose?(plan: StagePlan, backend: BackendInfo): Promise<Chosen>;
  /** Among how many ranks it can share its work. Rank 0 alone runs a stage without it. Called after `choose`. */
  ranks?(plan: StagePlan): RankCounts | Promise<RankCounts>;
  /**
   * Whether processes that know nothing of each other can do it, `--shard 3/16`. `images`: each does its share of them, a file or
   * more an image (`ImageShare` does so), and the stage ends where it is run once more with every image there. `last`: it is
   * left to the one that finishes the stages which it reads. Such a run is refused where neither is said.
   */
  readonly shards?: "images" | "last";
  /** What it will take. Called after `check`, with the backend prepared; takes seconds at most. */
  estimate?(plan: StagePlan): Promise<StageEstimate>;
  /** Does its work. @returns what it left, of the kind that `gives` says */
  run(context: StageContext): Promise<FinishedArtifact>;
}
