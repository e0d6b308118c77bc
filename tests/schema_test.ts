import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "@std/yaml";
import { recipeJsonSchema } from "../plugins/command_line/json_schema.ts";
import { Registry } from "../core/registry/registry.ts";
import { plugins } from "../plugins/mod.ts";
import { callSeamstress } from "./call.ts";
import { type Schema, validate } from "./json_schema.ts";

const schema = recipeJsonSchema(new Registry(plugins)) as Schema;

async function* recipes(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* recipes(url);
    else if (name.endsWith(".yaml")) yield url;
  }
}

for (
  const url of (await Array.fromAsync(recipes(new URL("../recipes/", import.meta.url)))).sort()
) {
  const name = url.pathname.split("/recipes/")[1];
  Deno.test(`recipes/${name} fits the JSON Schema that editors check it with`, async () => {
    assertEquals(validate(schema, schema, parse(await Deno.readTextFile(url))), []);
  });
}

Deno.test("the JSON Schema refuses what the command line refuses", async () => {
  const text = await Deno.readTextFile(new URL("../recipes/mini/seam.yaml", import.meta.url));
  const damage: readonly [from: string, to: string, says: string][] = [
    ["run: train", "run: trian", "$.stages[0]"],
    ["epochs: 8", "epochs: 0", "0 against 1"],
    ["backbone: tiny", "backbone: huge", "$.stages[0].backbone"],
    ["epochs: 8", "epoch: 8", "epoch"],
    ["name: mini-seam", "name: mini seam", "$.name"],
  ];
  for (const [from, to, says] of damage) {
    assert(text.includes(from), `the recipe has no "${from}" any more`);
    const errors = validate(schema, schema, parse(text.replace(from, to)));
    assert(errors.length > 0, `"${to}" fits the schema`);
    assertStringIncludes(errors.join("\n"), says);
  }
});

Deno.test("deno task schema prints the schema of the plugins that ship", async () => {
  const { code, out } = await callSeamstress(["schema"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(out), JSON.parse(JSON.stringify(schema)));
});
