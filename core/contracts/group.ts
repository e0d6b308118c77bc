import type { Recipe } from "../recipe/schema.ts";
import type { BackendInfo } from "./backend.ts";

/**
 * The ranks that compute a run together, as one of them sees it. Every rank goes through the same stages and calls the same methods
 * that return promises, in the same order; rank 0 alone plans, decides, observes and writes what is not a rank's own.
 */
export interface Group extends AsyncDisposable {
  /** This one, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** This one among those of its machine, from 0. */
  readonly local: number;
  /** How many this machine has. */
  readonly localSize: number;
  /**
   * Adds up numbers over all ranks, elementwise and in place, in an order that depends on nothing but their number: neighbours, then
   * pairs of neighbours, and so on, `((0+1)+(2+3))+(4+5)`. The same length on every rank. From place `exact` on, where it is given,
   * numbers may travel rounded, if the group was told to: every rank gets the same in any case.
   */
  sum(data: Float32Array<ArrayBuffer>, exact?: number): Promise<void>;
  /** Collects a value of every rank; plain JSON. @returns all, by rank */
  gather<T>(value: T): Promise<readonly T[]>;
  /** Hands out rank 0's value; plain JSON. */
  broadcast<T>(value: T): Promise<T>;
  /** Waits for all. */
  barrier(): Promise<void>;
  /**
   * Says how many of its items this rank has finished; waits for nobody.
   *
   * @returns those of all ranks together, as far as they said
   */
  tally?(done: number): number;
  /** Throws what another rank failed with, if one did; waits for nobody. Work that waits for no other rank looks here now and then. */
  check?(): void;
  /** The group of the first so many ranks, which is used while the others wait; asked for by these alone. */
  part?(size: number): Group;
  /** Ends every rank, as this one failed: what the others wait for is rejected with this error, or their processes end. */
  abort(error: unknown): void | Promise<void>;
}

/** What ranks are started with. */
export interface JoinOptions {
  /** Resolved. */
  readonly recipe: Recipe;
  /** Folder that relative paths in the recipe start from. */
  readonly base: string;
  /** URLs of modules that export every plugin; empty where they are not known, and no rank can be started then. */
  readonly modules: readonly string[];
  /** URLs of modules that data-loading Workers import. */
  readonly workerModules: readonly string[];
  /** Prepared on rank 0; absent where ranks join before that, see {@linkcode GroupPlugin.external}. */
  readonly backend?: BackendInfo;
  /** How many ranks to start; absent where they are there already. */
  readonly size?: number;
}

/** Contract of kind `group`. */
export interface GroupPlugin {
  /** Whether its ranks are there before the run, each with a process of its own that runs the same command; they join at once. */
  readonly external?: boolean;
  /** Whether a stage that cannot share its work among all ranks is refused; it runs on fewer where not. */
  readonly fixed?: boolean;
  /** How many ranks compute on a backend, at most where their number is not fixed. */
  size(backend: BackendInfo): number | Promise<number>;
  /** How many of its ranks share this machine's memory, where not all do; asked once they are met. */
  localSize?(): number | undefined;
  /** Starts the other ranks, or meets them. */
  join(options: JoinOptions): Promise<Group>;
}

/** A group of one rank. */
export const SINGLE: Group = {
  rank: 0,
  size: 1,
  local: 0,
  localSize: 1,
  sum: () => Promise.resolve(),
  gather: (value) => Promise.resolve([value]),
  broadcast: (value) => Promise.resolve(value),
  barrier: () => Promise.resolve(),
  abort() {},
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
