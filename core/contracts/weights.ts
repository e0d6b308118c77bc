import type { StateShapes } from "./params.ts";
import type { StageContext, StagePlan } from "./stage.ts";
import type { StateDict } from "./state_dict.ts";

/** Metadata of a weights file: `mean`, `std`, `padding`, `license`, …; empty where its format has no place for it. */
export type WeightsCard = Readonly<Record<string, string>>;

/** What a weights reader is created with. */
export interface WeightsArgs {
  /** Folder that relative paths start from. */
  readonly base: string;
  /** Names of the data set's foreground classes, where the weights are to be of the same. */
  readonly classes?: readonly string[];
  /** What earlier stages will leave, while a training is planned. */
  readonly earlier?: StagePlan["earlier"];
  /** What earlier stages left, while it runs. */
  readonly artifact?: StageContext["artifact"];
}

/** Contract of kind `weights`: file → state dict. */
export interface Weights {
  /** Where they are of a whole network, head included: id of the earlier stage, or the folder of another run. */
  readonly from?: string | { readonly run: string };
  /** Path as the recipe gave it, for messages. */
  readonly path: string;
  /** Names or globs that the network may have and the file may lack. */
  readonly allowMissing?: readonly string[];
  /** Names or globs that the file may have and the network may lack. */
  readonly allowExtra?: readonly string[];
  /** Options that say which differences are meant, for messages: some of `prefixes`, `allowMissing`, `allowExtra`. */
  readonly options?: readonly string[];
  /** Fails before work starts where the file is missing or is not what it should be; reads no tensors. @returns its card */
  check(): Promise<WeightsCard>;
  /** Tells one content from another, as a hash does; by default that of the file at `path`. @returns what the run is known by */
  fingerprint?(): Promise<string>;
  /** Lists the file's tensors, also those of types that are not read. @returns what it holds, undefined where that is not known yet; no elements are read */
  shapes?(): Promise<StateShapes | undefined>;
  /** Reads the file's tensors; those of types that are not read are left out. @returns by PyTorch's names and in its layouts */
  read(): Promise<StateDict>;
}
