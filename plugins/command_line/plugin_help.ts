import * as z from "zod";
import type { Plugin } from "../../core/registry/plugin.ts";
import { refMark } from "../../core/registry/plugin_option.ts";

interface Property {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Property;
  readonly anyOf?: readonly Property[];
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

/** A value's type in a few words: `number`, `list of string`, `torch | same`. */
function typeText(property: Property): string {
  const { type, items, anyOf } = property;
  if (anyOf) return [...new Set(anyOf.map(typeText))].join(" | ");
  if (property.enum) return property.enum.join(" | ");
  if ("const" in property) return String(property.const);
  if (type === "array") return items ? `list of ${typeText(items)}` : "list";
  return type ?? "any";
}

/**
 * Says what a plugin is and which options it takes.
 *
 * @param plugin any
 * @param plugins all, some of which name others and add options of their own there; none of these are told without
 * @returns lines: kind, name and summary, what the schema as a whole says (of backbones: public weights that fit), then each option
 *   with its type, default and meaning
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as z from "zod";
 * import { definePlugin } from "../../core/registry/plugin.ts";
 * import { describePlugin } from "./plugin_help.ts";
 * const flip = definePlugin({
 *   kind: "view",
 *   name: "flip",
 *   summary: "mirrors",
 *   options: z.strictObject({ probability: z.number().default(1).describe("how often") }),
 *   create: () => ({ draw: () => ({ apply: (x) => x }) }),
 * });
 * assertEquals(describePlugin(flip), "view flip: mirrors\n  probability  number, default 1\n      how often");
 * ```
 */
export function describePlugin(plugin: Plugin, plugins: readonly Plugin[] = []): string {
  const schema = describe(plugin.options);
  const lines = optionLines(schema, "  ");
  const about = schema.description === undefined ? [] : [`  ${schema.description}`];
  const shared = optionLines(describe(commonOptions(plugin, plugins)), "  ");
  const common = shared.length === 0
    ? []
    : [`  besides, where a recipe names a ${plugin.kind}:`, ...shared];
  return [`${plugin.kind} ${plugin.name}: ${plugin.summary}`, ...about, ...lines, ...common]
    .join("\n");
}

const describe = (schema: z.ZodObject): Property =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Property;

/** The options that others add where they name a plugin of this kind, such as the weight of a loss. */
function commonOptions({ kind }: Plugin, plugins: readonly Plugin[]): z.ZodObject {
  const shape: Record<string, z.ZodType> = {};
  for (const { options } of plugins) collect(options, kind, shape);
  return z.object(shape);
}

/** Looks for plugins of a kind in a schema. */
function collect(schema: z.ZodType, kind: string, shape: Record<string, z.ZodType>): void {
  const mark = refMark(schema);
  if (mark) {
    if (mark.kind === kind) Object.assign(shape, mark.common.shape);
    return;
  }
  const { element, innerType, shape: inner } = schema.def as {
    readonly element?: z.ZodType;
    readonly innerType?: z.ZodType;
    readonly shape?: Readonly<Record<string, z.ZodType>>;
  };
  for (const each of [element, innerType, ...Object.values(inner ?? {})]) {
    if (each) collect(each, kind, shape);
  }
}

/** A line for each option, another for what it means; those of an object below it, further in. */
function optionLines({ properties = {}, required = [] }: Property, indent: string): string[] {
  const width = Math.max(0, ...Object.keys(properties).map((name) => name.length));
  return Object.entries(properties).flatMap(([name, property]) => {
    const fallback = "default" in property
      ? `, default ${JSON.stringify(property.default)}`
      : required.includes(name)
      ? ", required"
      : "";
    const line = `${indent}${name.padEnd(width)}  ${typeText(property)}${fallback}`;
    const { description } = property;
    const inner = [property, property.items, ...property.anyOf ?? []]
      .flatMap((each) => each ? optionLines(each, `${indent}    `) : []);
    return [line, ...description ? [`${indent}    ${description}`] : [], ...inner];
  });
}
