import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";
import { copyPluginsTo, unresolvedImports, writeOutsideConfig } from "./entries/outside.ts";
import { staticImports } from "./entries/static_imports.ts";
import { loggedSteps } from "./logged.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

interface Config {
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
}

// Their types are those of the tree, which `deno task check` looks at; tests/long checks them outside, too.
Deno.test("every shipped plugin finds all that it imports outside of the tree, from the three entries alone", async () => {
  await inTempFolder(async (folder) => {
    await copyPluginsTo(folder);
    await writeOutsideConfig(folder);
    assertEquals(await unresolvedImports(folder), []);
  });
});

for (
  const [what, specifier] of [
    ["a file of core", "../../core/rng.ts"],
    ["the list of what ships", "seamstress/plugins"],
  ] as const
) {
  Deno.test(`a plugin that imports ${what} does not find it outside of the tree`, async () => {
    await inTempFolder(async (folder) => {
      await Deno.mkdir(`${folder}/plugins/losses`, { recursive: true });
      const module = `import * as inside from "${specifier}";\nexport const found = inside;\n`;
      await Deno.writeTextFile(`${folder}/plugins/losses/planted.ts`, module);
      await writeOutsideConfig(folder);
      const [fault, ...more] = await unresolvedImports(folder);
      assertEquals(more, []);
      assert(fault?.includes("planted.ts") && fault.includes(specifier), fault);
    });
  });
}

Deno.test("a copy of plugins/methods/seam.ts under another name trains the embedded world", async () => {
  await inTempFolder(async (folder) => {
    const source = await Deno.readTextFile(`${ROOT}/plugins/methods/seam.ts`);
    await Deno.writeTextFile(
      `${folder}/mine.ts`,
      source.replace('name: "seam"', 'name: "mine"').replace("seamMethod", "mine"),
    );
    const losses: unknown[] = [];
    for (const [method, modules] of [["mine", ["./mine.ts"]], ["seam", []]] as const) {
      const recipe = {
        name: method,
        plugins: modules,
        dataset: "mini",
        observers: ["jsonl"],
        stages: [{
          id: "cam",
          run: "train",
          split: "train",
          backbone: "tiny",
          head: { use: "cam", dropout: 0 },
          method: { use: method, view: { use: "rescale", scale: 0.5 } },
          losses: ["classification", { use: "er", weight: 3 }],
          optimizer: { use: "adam", lr: 0.004 },
          batch: { size: 4 },
          epochs: 1,
          maxSteps: 3,
          transforms: ["flip", "normalize"],
        }],
      };
      // JSON is YAML.
      await Deno.writeTextFile(`${folder}/${method}.yaml`, JSON.stringify(recipe));
      const { code, err } = await callSeamstress([
        "run",
        `${folder}/${method}.yaml`,
        "--backend=wasm",
        `--out=${folder}/${method}`,
      ]);
      assertEquals(code, 0, err);
      const steps = await loggedSteps(`${folder}/${method}`);
      assertEquals(steps.length, 3);
      for (const { losses } of steps) assert(losses.er > 0, JSON.stringify(losses));
      losses.push(steps.map((step) => step.losses));
    }
    assertEquals(losses[0], losses[1]);
  });
});

for (
  const [module, loads] of [
    ["mod.ts", [`${ROOT}/core/rng.ts`, "zod"]],
    ["plugins/data.ts", [`${ROOT}/core/rng.ts`, "zod"]],
    ["plugins/refinement/crf/worker.ts", [`${ROOT}/plugins/refinement/crf/mean_field.ts`]],
  ] as const
) {
  Deno.test(`${module} loads no tfjs, so that Workers start fast`, async () => {
    const imported = await staticImports(`${ROOT}/${module}`);
    assert(loads.every((name) => imported.has(name)));
    const tfjs = [...imported].filter(([name]) => name.includes("tfjs"));
    assertEquals(tfjs, [], "a chain of imports from the module that names tfjs up");
  });
}

Deno.test("the package exports what a recipe's plugins import here, under the same names", async () => {
  const { exports, imports }: Config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const named = Object.entries(imports).filter(([name]) => /^seamstress(\/|$)/.test(name));
  assertEquals(
    Object.entries(exports).sort(),
    named.map(([name, path]) => [name.replace("seamstress", "."), path]).sort(),
  );
});

Deno.test("seamstress/ops loads tfjs: such imports are found", async () => {
  const imported = await staticImports(`${ROOT}/plugins/ops/mod.ts`);
  assertMatch(imported.get(`${ROOT}/deps/tfjs/mod.ts`)!, /plugins\/ops\/mod\.ts$/);
});
