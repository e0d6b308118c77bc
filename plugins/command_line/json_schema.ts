import * as z from "zod";
import { recipeSchema } from "../../core/recipe/schema.ts";
import { type PluginOptionMark, refMark } from "../../core/registry/plugin_option.ts";
import type { Registry } from "../../core/registry/registry.ts";

type Json = Record<string, unknown>;

/** Keys of a file alone: they are gone once it is read. */
const EXTENSION: Json = {
  extends: {
    type: "string",
    description: "Another recipe's file of this folder, which this one changes",
  },
  set: { type: "object", description: "Its keys and their values, written as for --set" },
};

/** Name of the definition that a reference shares with others of its kind and common options. */
function definitionName({ kind, common }: PluginOptionMark): string {
  return [kind, ...Object.keys(common.shape)].join("-");
}

/**
 * The JSON Schema of all recipes that a registry's plugins allow, for editors: completion and checks while typing.
 *
 * @param registry the plugins
 * @returns a JSON Schema, draft 2020-12, with one definition a plugin kind
 */
export function recipeJsonSchema(registry: Registry): Json {
  const definitions: Record<string, Json> = {};

  function convert(schema: z.ZodType): Json {
    const { $schema: _, ...json } = z.toJSONSchema(schema, {
      io: "input",
      unrepresentable: "any",
      override({ zodSchema, jsonSchema }) {
        const mark = refMark(zodSchema);
        if (!mark) return;
        const { description } = jsonSchema;
        for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Json)[key];
        Object.assign(jsonSchema, { $ref: define(mark) }, description && { description });
      },
    });
    return json;
  }

  function define(mark: PluginOptionMark): string {
    const name = definitionName(mark);
    if (!Object.hasOwn(definitions, name)) {
      // Set first: a plugin may name another of its own kind.
      definitions[name] = {};
      const plugins = registry.list().filter(({ kind }) => kind === mark.kind);
      const shapes = plugins.map((plugin) => {
        const json = convert(plugin.options.safeExtend(mark.common.shape));
        return {
          ...json,
          description: plugin.summary,
          properties: { [mark.key]: { const: plugin.name }, ...json["properties"] as Json },
          required: [mark.key, ...(json["required"] as string[] | undefined ?? [])],
        };
      });
      const bare = shapes.flatMap((shape, i) =>
        shape.required.length === 1 ? [plugins[i]?.name] : []
      );
      definitions[name] = { anyOf: [...bare.length > 0 ? [{ enum: bare }] : [], ...shapes] };
    }
    return `#/$defs/${name}`;
  }

  const { required, properties, ...whole } = convert(recipeSchema);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Seamstress recipe",
    ...whole,
    properties: { ...EXTENSION, ...properties as Json },
    // What it does not say itself stands in the recipe that it extends.
    anyOf: [{ required }, { required: ["extends"] }],
    $defs: definitions,
  };
}
