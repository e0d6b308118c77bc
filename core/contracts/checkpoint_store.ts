import type { StateDict } from "./state_dict.ts";

/** Which checkpoint: the newest, or the one with the lowest loss. */
export type CheckpointTag = "last" | "best";

/** What a checkpoint holds. */
export interface Checkpoint {
  /** Optimizer steps done. */
  readonly step: number;
  /** The network: PyTorch names and layouts. */
  readonly weights: StateDict;
  /** What is needed to train on, besides the weights; not in `best`. */
  readonly training?: {
    /** The optimizer's state, by its own names, in shapes as on the backend. */
    readonly optimizer: StateDict;
    /** What method and losses keep across steps; absent where they keep nothing. */
    readonly state?: StateDict;
    /** Plain JSON. */
    readonly progress: unknown;
  };
}

/** A checkpoint in its folder. */
export interface SavedCheckpoint {
  /** Optimizer steps done. */
  readonly step: number;
  /** Path of the weights: safetensors that PyTorch loads too. */
  readonly weights: string;
}

/** Stores the checkpoints of a training. Each is written whole or not at all, whenever the process is killed. */
export interface CheckpointStore {
  /** For messages: such as a folder's path. */
  readonly folder: string;
  /** The newest checkpoint; undefined before the first. */
  last(): Promise<SavedCheckpoint | undefined>;
  /** Reads a checkpoint; undefined where there is none of that tag. Throws where it is damaged. */
  read(tag: CheckpointTag): Promise<Checkpoint | undefined>;
  /** Saves a checkpoint in place of the one of that tag; where that fails, the one before stays. */
  save(tag: CheckpointTag, checkpoint: Checkpoint): Promise<SavedCheckpoint>;
}
