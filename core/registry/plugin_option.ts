import * as z from "zod";
import type { Kind, Use } from "./plugin.ts";

/** The plugin kind and options of a schema created by {@linkcode pluginOption}. */
export interface PluginOptionMark {
  readonly kind: Kind;
  /** The key that names the plugin: `use`, or `run` for stages. */
  readonly key: "use" | "run";
  /** Options that the place itself adds to those of the plugin, such as a loss's weight. */
  readonly common: z.ZodObject;
}

// zod's registries follow a schema through `.describe()` and `.refine()`, which clone it.
const refs = z.registry<{ mark: unknown }>();
const paths = z.registry<{ path: true }>();

/** The value of a plugin option: the plugin's name and options, and common options of the place. */
export type Referred<K extends Kind, S extends z.ZodRawShape> = keyof S extends never ? Use<K>
  : Use<K> & z.output<z.ZodObject<S>>;

/** The input type of an object schema; `unknown` for one without keys, where zod would refuse every key. */
export type InputOf<S extends z.ZodObject> = keyof S["shape"] extends never ? unknown : z.input<S>;

declare const reference: unique symbol;

/**
 * The input type of a plugin option, for the compiler only: `defineRecipe` replaces it by what the plugins of kind K accept, with the
 * place's own options C.
 */
export interface Reference<K extends Kind, C> {
  /** Only for the compiler: the kind, and the place's own options. */
  readonly [reference]: readonly [K, C];
}

/**
 * Schema of an option that names a plugin: `{ use: name, ...options }`, or just `name` where all options have defaults. The
 * registry checks the options with the plugin's own schema.
 *
 * @param kind the plugin kind
 * @param common options that this place adds to the plugin's own
 * @param key the key that names the plugin
 * @returns a schema whose output is the plugin's `Use` and the common options
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pluginOption } from "seamstress";
 * assertEquals(pluginOption("schedule").parse("constant"), { use: "constant" });
 * ```
 */
export function pluginOption<K extends Kind, S extends z.ZodRawShape = Record<never, never>>(
  kind: K,
  common?: S,
  key: "use" | "run" = "use",
): z.ZodType<Referred<K, S>, Reference<K, InputOf<z.ZodObject<S>>>> {
  const own = { ...common, [key]: z.string() };
  const schema = z.preprocess(
    (value) => typeof value === "string" ? { [key]: value } : value,
    z.looseObject(own),
  );
  const mark: PluginOptionMark = { kind, key, common: z.object<z.ZodRawShape>(common ?? {}) };
  refs.add(schema, { mark });
  // The shape is checked above; the brand that carries K exists only for the compiler.
  return schema as unknown as z.ZodType<Referred<K, S>, Reference<K, InputOf<z.ZodObject<S>>>>;
}

/**
 * Schema of an option that is a file or folder: relative paths in a recipe start from the recipe's folder, in `--set` from the
 * working directory; the resolved recipe holds absolute ones.
 *
 * @returns a string schema
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { filePath } from "seamstress";
 * assertEquals(filePath().parse("data/VOC2012"), "data/VOC2012");
 * ```
 */
export function filePath(): z.ZodString {
  const schema = z.string().min(1);
  paths.add(schema, { path: true });
  return schema;
}

/**
 * Returns the mark of a schema that names a plugin.
 *
 * @param schema any schema
 * @returns its mark where {@linkcode pluginOption} created it
 */
export function refMark(schema: z.core.$ZodType): PluginOptionMark | undefined {
  return refs.get(schema)?.mark as PluginOptionMark | undefined;
}

/**
 * Tells whether a schema is of a file's path.
 *
 * @param schema any schema
 * @returns true where {@linkcode filePath} created it
 */
export function isFilePath(schema: z.core.$ZodType): boolean {
  return paths.get(schema)?.path === true;
}
