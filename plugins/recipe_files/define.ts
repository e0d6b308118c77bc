import type { Kind, Plugin } from "../../core/registry/plugin.ts";
import type { InputOf, Reference } from "../../core/registry/plugin_option.ts";

/** A plugin of kind K among P as a recipe writes it (All is P again, undistributed), with the options C of the place that names it. */
export type Written<P, K extends Kind, C, All = P> = P extends Plugin<K, infer N, infer S> ?
    & { readonly [key in K extends "stage" ? "run" : "use"]: N }
    & Typed<InputOf<S>, All>
    & Typed<C, All>
  : never;

/** A plugin's bare name, where a recipe may write just that. */
export type PluginName<P, K extends Kind> = P extends Plugin<K, infer N> ? N : never;

/** Replaces every reference in T by what the plugins among P accept. */
export type Typed<T, P> = T extends Reference<infer K, infer C>
  ? Written<P, K, C> | PluginName<P, K>
  : T extends object ? { readonly [key in keyof T]: Typed<T[key], P> }
  : T;

/** What a recipe's top level takes: the input of core's schema, written out. A test keeps the two equal. */
export interface RecipeInput {
  /** Names the run folder. */
  name: string;
  /** What it is, for the report. */
  summary?: string | undefined;
  /** All randomness derives from it. */
  seed?: number | undefined;
  /** What computes. */
  backend?: Reference<"backend", unknown> | undefined;
  /** The threads or processes that compute the run together. */
  group?: Reference<"group", unknown> | undefined;
  /** Modules that export plugins. */
  plugins?: string[] | undefined;
  /** Bounds on what files may make a run hold. */
  limits?: { pixels?: number | undefined; nodes?: number | undefined } | undefined;
  /** The data that stages open splits of. */
  dataset: Reference<"dataset", unknown>;
  /** What watches the run. */
  observers?: Reference<"observer", unknown>[] | undefined;
  /** Run in order. */
  stages: Reference<"stage", { id: string }>[];
}

/** A recipe as written, with every plugin name and option known to the compiler. */
export type WrittenRecipe<P extends Plugin> = Typed<RecipeInput, P>;

/**
 * Makes the function that types recipes for a set of plugins.
 *
 * @param _plugins a constant list; only its type is used
 * @returns a function that gives its argument back; the compiler checks names and options, the run checks them again
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as z from "zod";
 * import { definePlugin, recipesFor } from "seamstress";
 * const mini = definePlugin({
 *   kind: "dataset",
 *   name: "mini",
 *   summary: "",
 *   options: z.strictObject({ size: z.number().default(64) }),
 *   create: () => { throw new Error("not opened here") },
 * });
 * const defineRecipe = recipesFor([mini]);
 * assertEquals(defineRecipe({ name: "a", dataset: { use: "mini", size: 32 }, stages: [] }).name, "a");
 * ```
 */
export function recipesFor<const P extends readonly Plugin[]>(
  _plugins: P,
): (recipe: WrittenRecipe<P[number]>) => WrittenRecipe<P[number]> {
  return (recipe) => recipe;
}
