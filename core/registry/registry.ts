import { messageOf, userError } from "../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../recipe/limits.ts";
import { type OptionsContext, resolveUse } from "./options.ts";
import {
  type Contracts,
  type Kind,
  KINDS,
  type Plugin,
  type PluginFactory,
  type Use,
} from "./plugin.ts";
import { joinOptionErrors, show } from "./option_errors.ts";
import { pluginOption, refMark } from "./plugin_option.ts";
import { checkMembers } from "./members.ts";
import { didYouMean } from "./suggest.ts";

function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name, options, create } = value as Partial<Record<keyof Plugin, unknown>>;
  return typeof kind === "string" && typeof name === "string" && typeof options === "object" &&
    typeof create === "function";
}

const MEMBERS = ["name", "summary", "options", "create"];

/** Whether a value says that it is a plugin of some kind, and is none. */
function isHalf(value: unknown): boolean {
  if (typeof value !== "object" || value === null || isPlugin(value)) return false;
  const { kind } = value as { readonly kind?: unknown };
  return typeof kind === "string" && Object.hasOwn(KINDS, kind) &&
    MEMBERS.some((member) => Object.hasOwn(value, member));
}

/**
 * Finds the plugins that a module exports, singly or in arrays.
 *
 * @param exports a module's
 * @returns its plugins, in order of export
 */
export function pluginsIn(exports: Readonly<Record<string, unknown>>): readonly Plugin[] {
  return Object.values(exports).flat().filter(isPlugin);
}

/** The plugins that a run may use: a value, built explicitly. */
export class Registry implements PluginFactory {
  /** Bounds on what the plugins may read. */
  readonly limits: Limits;
  readonly #plugins = new Map<string, Plugin>();
  /** Told of every plugin that is looked up. */
  #note: ((plugin: Plugin) => void) | undefined;

  /**
   * Collects plugins.
   *
   * @param plugins what is available
   * @param limits bounds on what they may read, the recipe's where there is one
   * @throws RangeError where two plugins of a kind share a name or a kind does not exist
   */
  constructor(plugins: readonly Plugin[], limits: Limits = DEFAULT_LIMITS) {
    this.limits = limits;
    for (const plugin of plugins) {
      if (!Object.hasOwn(KINDS, plugin.kind)) {
        throw userError(
          new RangeError(
            `Cannot register plugin ${show(plugin.name)}: unknown kind ${show(plugin.kind)}` +
              `${didYouMean(plugin.kind, Object.keys(KINDS))}; valid: ${
                Object.keys(KINDS).join(", ")
              }`,
          ),
        );
      }
      const key = `${plugin.kind} ${plugin.name}`;
      if (this.#plugins.has(key)) {
        throw userError(
          new RangeError(`Cannot register ${key} twice: give one of the two another name`),
        );
      }
      this.#plugins.set(key, plugin);
    }
  }

  /**
   * Imports modules and collects the plugins that they export, singly or in arrays.
   *
   * @param modules URLs or absolute paths
   * @returns the plugins, in order of module and export
   * @throws TypeError where a module does not load or exports no plugin
   */
  static async load(modules: readonly string[]): Promise<readonly Plugin[]> {
    const found = new Set<Plugin>();
    for (const module of modules) {
      let exports: Record<string, unknown>;
      try {
        exports = await import(module);
      } catch (error) {
        throw userError(new TypeError(`Cannot load plugins from ${module}: ${messageOf(error)}`));
      }
      const plugins = pluginsIn(exports);
      const half = Object.entries(exports).find(([, value]) => isHalf(value));
      if (half) {
        const [name, value] = half;
        const lacking = MEMBERS.filter((member) => !Object.hasOwn(value as object, member));
        throw userError(
          new TypeError(
            `Cannot load plugins from ${module}: ${name} has a kind and lacks ${
              lacking.join(", ")
            }; ` +
              "export what definePlugin() gives",
          ),
        );
      }
      if (plugins.length === 0) {
        throw userError(
          new TypeError(
            `Cannot load plugins from ${module}: it exports none; export what definePlugin() gives`,
          ),
        );
      }
      plugins.forEach((plugin) => found.add(plugin));
    }
    return [...found];
  }

  /**
   * A registry of what modules export.
   *
   * @param modules URLs or absolute paths
   * @param limits bounds on what they may read
   * @returns the registry
   */
  static async fromModules(modules: readonly string[], limits?: Limits): Promise<Registry> {
    return new Registry(await Registry.load(modules), limits);
  }

  /**
   * A view of this registry that reports which plugins are used: looked up, created, or named in the options of others.
   *
   * @param note told of every use
   * @returns the same plugins
   */
  watched(note: (plugin: Plugin) => void): Registry {
    const view = new Registry(this.list(), this.limits);
    view.#note = note;
    return view;
  }

  /** Lists all. @returns every plugin, in order of registration */
  list(): readonly Plugin[] {
    return [...this.#plugins.values()];
  }

  /** Lists those of a kind. @returns names of a kind, in order of registration */
  names(kind: Kind): readonly string[] {
    return this.list().filter((plugin) => plugin.kind === kind).map((plugin) => plugin.name);
  }

  /**
   * Makes every plugin of a kind, with its defaults.
   *
   * @param kind whose plugins need no options
   * @param args what the kind's contract asks for
   * @returns what their `create` gives, in order of registration
   */
  async createAll<K extends Kind>(
    kind: K,
    args: Contracts[K]["args"],
  ): Promise<readonly Contracts[K]["plugin"][]> {
    return await Promise.all(this.names(kind).map((use) => this.create<K>(kind, { use }, args)));
  }

  /** Looks one up. @returns the plugin of a name, or undefined */
  find(kind: Kind, name: string): Plugin | undefined {
    const found = this.#plugins.get(`${kind} ${name}`);
    if (found) this.#note?.(found);
    return found;
  }

  /**
   * Checks options and makes the plugin's object.
   *
   * @param kind the plugin's kind
   * @param use its name and options
   * @param args what the kind's contract asks for
   * @returns what the plugin's `create` gives
   * @throws TypeError naming every wrong option, or the valid names where the plugin is unknown
   */
  async create<K extends Kind>(
    kind: K,
    use: Use<K>,
    args: Contracts[K]["args"],
  ): Promise<Contracts[K]["plugin"]> {
    const context: OptionsContext = { plugins: this, filePath: (value) => value };
    const mark = refMark(pluginOption(kind, {}, kind === "stage" ? "run" : "use"));
    if (!mark) throw new Error(`No mark on the reference to kind ${kind}`);
    const { value, errors } = resolveUse(mark, use, [], context);
    if (errors.length > 0) throw joinOptionErrors(`Cannot create ${kind}`, errors);
    const { [mark.key]: name, ...options } = value as Record<string, unknown>;
    // resolveUse() found the plugin by this very kind and checked the options with its schema.
    const plugin = this.find(kind, String(name)) as Plugin<K> | undefined;
    if (!plugin) throw new Error(`Plugin ${kind} ${name} vanished`);
    return checkMembers(kind, plugin.name, await plugin.create(options, args, this));
  }
}
