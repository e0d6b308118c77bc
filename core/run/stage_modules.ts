import type { Plugin } from "../registry/plugin.ts";

/** File, relative to the recipe's folder where it is below, else absolute → SHA-256, 64 hex digits. */
export type ModuleHashes = Readonly<Record<string, string>>;

/** The source files that affect one stage: those of the recipe's own plugins that it uses, and what these import. */
export interface StageModules {
  /** Counts a plugin that the stage uses. */
  readonly use: (plugin: Plugin) => void;
  /** @returns the files of all plugins that were counted */
  hashes(): ModuleHashes;
  /** @returns those that import by names computed while they run: what they import is not seen */
  unfollowed(): readonly string[];
  /**
   * Compares with an earlier execution.
   *
   * @param before files of then
   * @returns the first file that is not what it was, or was not used then
   */
  changed(before: ModuleHashes): Promise<string | undefined>;
}

/**
 * Finds the source files of a recipe's own plugins.
 *
 * @param modules URLs of the recipe's own modules, loaded already
 * @param base the recipe's folder
 * @returns what begins a stage's source files, none counted yet
 */
export type FollowModules = (
  modules: readonly string[],
  base: string,
) => Promise<() => StageModules>;

/** Begins the source files of a stage whose plugins all ship: there are none. */
export const NO_MODULES = (): StageModules => ({
  use() {},
  hashes: () => ({}),
  unfollowed: () => [],
  changed: () => Promise.resolve(undefined),
});
