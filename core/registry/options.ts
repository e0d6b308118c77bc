import type * as z from "zod";
import { own } from "./own.ts";
import { type OptionError, optionErrorsOf, type RecipePath, show } from "./option_errors.ts";
import { isFilePath, type PluginOptionMark, refMark } from "./plugin_option.ts";
import { didYouMean } from "./suggest.ts";
import type { Kind, Plugin } from "./plugin.ts";

/** The plugins and path rules that options are resolved with. */
export interface OptionsContext {
  /** The plugins that may be named. */
  readonly plugins: {
    find(kind: Kind, name: string): Plugin | undefined;
    names(kind: Kind): readonly string[];
  };
  /** Turns a relative path option found at `path` into an absolute one. */
  readonly filePath: (value: string, path: RecipePath) => string;
}

/** Options with defaults filled in, and the errors found. */
export interface Resolved {
  readonly value: unknown;
  readonly errors: readonly OptionError[];
}

/** The parts of zod's schemas that {@linkcode walk} reads. */
interface Def {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

const defOf = (schema: z.ZodType): Def => schema.def as unknown as Def;

/** Strips `.optional()`, `.default()`, `.nullable()` and the like. */
function unwrap(schema: z.ZodType): z.ZodType {
  const inner = refMark(schema) ? undefined : defOf(schema).innerType;
  return inner ? unwrap(inner) : schema;
}

/** Valid keys of the object schema at a path below `schema`. */
function keysAt(schema: z.ZodType, below: readonly PropertyKey[]): readonly string[] {
  let current = unwrap(schema);
  for (const key of below) {
    const def = defOf(current);
    const next = typeof key === "number" ? def.element : own(def.shape ?? {}, String(key));
    if (!next) return [];
    current = unwrap(next);
  }
  return Object.keys(defOf(current).shape ?? {});
}

/** Resolves the plugins that a checked value names, following its schema. */
function walk(
  schema: z.ZodType,
  value: unknown,
  path: RecipePath,
  context: OptionsContext,
): Resolved {
  const mark = refMark(schema);
  if (mark && value !== undefined) return resolveUse(mark, value, path, context);
  if (isFilePath(schema) && typeof value === "string") {
    return { value: context.filePath(value, path), errors: [] };
  }
  const def = defOf(schema);
  if (def.innerType) return walk(def.innerType, value, path, context);
  if (def.options) {
    const fits = def.options.find((option) => option.safeParse(value).success);
    return fits ? walk(fits, value, path, context) : { value, errors: [] };
  }
  if (def.element && Array.isArray(value)) {
    const element = def.element;
    const items = value.map((item, i) => walk(element, item, [...path, i], context));
    return {
      value: items.map((item) => item.value),
      errors: items.flatMap((item) => item.errors),
    };
  }
  const { shape } = def;
  if (shape && typeof value === "object" && value !== null) {
    const errors: OptionError[] = [];
    const entries = Object.entries(value).map(([key, item]) => {
      const inner = own(shape, key);
      if (!inner) return [key, item];
      const resolved = walk(inner, item, [...path, key], context);
      errors.push(...resolved.errors);
      return [key, resolved.value];
    });
    return { value: Object.fromEntries(entries), errors };
  }
  return { value, errors: [] };
}

/**
 * Checks options with a schema, fills in defaults, and does the same for every plugin that they name.
 *
 * @param schema the options' schema
 * @param input as parsed from a recipe
 * @param path where the input stands in the recipe
 * @param context known plugins and path rules
 * @returns the options, or every error found
 */
export function resolveOptions(
  schema: z.ZodType,
  input: unknown,
  path: RecipePath,
  context: OptionsContext,
): Resolved {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const errors = optionErrorsOf(parsed.error, input, path, (below) => keysAt(schema, below));
    // A wrong key beside a wrong plugin option: report both in one go, as far as the plugins can be found.
    const deeper = walk(schema, input, path, context).errors;
    const known = new Set(errors.map((error) => JSON.stringify(error)));
    return {
      value: input,
      errors: [...errors, ...deeper.filter((error) => !known.has(JSON.stringify(error)))],
    };
  }
  return walk(schema, parsed.data, path, context);
}

/**
 * Resolves one `{ use: name, ...options }`.
 *
 * @param mark what the place accepts
 * @param input the value found there
 * @param path where it stands in the recipe
 * @param context known plugins and path rules
 * @returns the plugin's name, the place's common options and the plugin's own, checked; or every error found
 */
export function resolveUse(
  mark: PluginOptionMark,
  input: unknown,
  path: RecipePath,
  context: OptionsContext,
): Resolved {
  const fail = (message: string, at: RecipePath = path) => ({
    value: input,
    errors: [{ path: at, message }],
  });
  const value = typeof input === "string" ? { [mark.key]: input } : input;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail(
      `found ${show(input)}, expected a ${mark.kind} such as { ${mark.key}: ${
        context.plugins.names(mark.kind)[0]
      } }`,
    );
  }
  const { [mark.key]: name, ...rest } = value as Record<string, unknown>;
  const names = context.plugins.names(mark.kind);
  if (typeof name !== "string") {
    return fail(`missing key "${mark.key}" that names a ${mark.kind}; valid: ${names.join(", ")}`);
  }
  const plugin = context.plugins.find(mark.kind, name);
  if (!plugin) {
    return fail(
      `unknown ${mark.kind} ${show(name)}${didYouMean(name, names)}; valid: ${names.join(", ")}`,
      [...path, mark.key],
    );
  }
  const clash = Object.keys(plugin.options.shape).find((key) =>
    Object.hasOwn(mark.common.shape, key)
  );
  if (clash) {
    return fail(
      `${mark.kind} ${show(name)} declares option ${show(clash)}, which this place defines`,
    );
  }
  const schema = plugin.options.safeExtend(mark.common.shape);
  const resolved = resolveOptions(schema, rest, path, context);
  return {
    value: { [mark.key]: name, ...(resolved.value as object) },
    errors: resolved.errors,
  };
}
