import * as z from "zod";
import type { Plugin } from "../../core/registry/plugin.ts";

interface Property {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Property;
  readonly anyOf?: readonly Property[];
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
export function describePlugin(plugin: Plugin): string {
  const schema = z.toJSONSchema(plugin.options, { io: "input", unrepresentable: "any" });
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Property>);
  const required = new Set(schema.required ?? []);
  const width = Math.max(...properties.map(([name]) => name.length));
  const lines = properties.flatMap(([name, property]) => {
    const fallback = "default" in property
      ? `, default ${JSON.stringify(property.default)}`
      : required.has(name)
      ? ", required"
      : "";
    const line = `  ${name.padEnd(width)}  ${typeText(property)}${fallback}`;
    return property.description ? [line, `      ${property.description}`] : [line];
  });
  const about = schema.description === undefined ? [] : [`  ${schema.description}`];
  return [`${plugin.kind} ${plugin.name}: ${plugin.summary}`, ...about, ...lines].join("\n");
}
