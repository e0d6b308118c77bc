import type { Plugin } from "../../core/registry/plugin.ts";

/** The plugins that ship. */
export interface Shipped {
  readonly plugins: readonly Plugin[];
  /** URLs of modules that export all of them: other ranks of a run import these. */
  readonly pluginModules: readonly string[];
  /** URLs of the modules that data-loading Workers import. */
  readonly workerModules: readonly string[];
}
