import type { Plugin } from "../../core/registry/plugin.ts";
import { own } from "../../core/registry/own.ts";
import { fromFileUrl, toFileUrl } from "../../core/recipe/paths.ts";
import { hashFile } from "../../core/run/stored/hash_file.ts";
import type { ModuleHashes, StageModules } from "../../core/run/stage_modules.ts";
import type { PluginModules } from "./plugin_modules.ts";

/** The source files that affect one stage, of which it is known which plugins it uses. */
export class UsedModules implements StageModules {
  readonly #modules: PluginModules;
  readonly #base: string;
  readonly #used = new Set<Plugin>();

  /**
   * Begins without any.
   *
   * @param modules the source files of the recipe's own plugins
   * @param base the recipe's folder
   */
  constructor(modules: PluginModules, base: string) {
    this.#modules = modules;
    this.#base = base;
  }

  /** Counts a plugin that the stage uses. */
  readonly use = (plugin: Plugin): void => void this.#used.add(plugin);

  /** @returns the files of all plugins that were counted */
  hashes(): ModuleHashes {
    const { hashes } = this.#modules.of(this.#used);
    return Object.fromEntries([...hashes].map(([url, sha256]) => [this.#nameOf(url), sha256]));
  }

  /** @returns those that import by names computed while they run: what they import is not seen */
  unfollowed(): readonly string[] {
    return this.#modules.of(this.#used).unfollowed.map((url) => this.#nameOf(url));
  }

  /**
   * Compares with an earlier execution.
   *
   * @param before files of then
   * @returns the first file that is not what it was, or was not used then
   */
  async changed(before: ModuleHashes): Promise<string | undefined> {
    const now = this.hashes();
    for (const [name, sha256] of Object.entries(now)) {
      if (own(before, name) !== sha256) return name;
    }
    // Plugins that the stage uses only while it runs are not known before.
    for (const [name, sha256] of Object.entries(before)) {
      if (own(now, name) === undefined && await this.#hashOf(name) !== sha256) return name;
    }
    return undefined;
  }

  async #hashOf(name: string): Promise<string | undefined> {
    try {
      return await hashFile(fromFileUrl(new URL(name, toFileUrl(`${this.#base}/`))));
    } catch {
      return undefined;
    }
  }

  #nameOf(url: string): string {
    const path = fromFileUrl(url);
    return path.startsWith(`${this.#base}/`) ? path.slice(this.#base.length + 1) : path;
  }
}
