import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runSeamstress } from "./command.ts";
import { staticImports } from "./entries/static_imports.ts";
import { copyFolder } from "./folders.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

/** What plugins may be written against; the last is for the page of the studio alone, which the architecture's test keeps. */
const ENTRIES = ["seamstress", "seamstress/ops", "seamstress/wsss", "seamstress/browser"];

/** Folders of plugins/ that are written against the inside, or are what the entries export. */
const INSIDE = [
  "backends",
  "browser",
  "command_line",
  "commands",
  "fixtures",
  "forecast",
  "formats",
  "images",
  "modules",
  "ops",
  "recipe_files",
  "shards",
  "testing",
  "wsss",
];

interface Config {
  exports: Record<string, string>;
  imports: Record<string, string>;
  compilerOptions: Record<string, unknown>;
}

/** The project's settings for a folder elsewhere: the entries and the packages from npm, nothing else of the project. */
async function outsideConfig(): Promise<Omit<Config, "exports">> {
  const config: Config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const imports = Object.entries(config.imports).flatMap(([name, target]) => {
    if (name.startsWith("seamstress") && !ENTRIES.includes(name)) return [];
    const url = target.startsWith(".") ? new URL(target, `file://${ROOT}/`).href : target;
    return [[name, url] as const];
  });
  return { imports: Object.fromEntries(imports), compilerOptions: config.compilerOptions };
}

/** Types of every module of a folder outside of the tree, checked as its owner would. */
async function checkOutside(folder: string): Promise<{ code: number; err: string }> {
  const config = { ...await outsideConfig(), lock: false, nodeModulesDir: "none" };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "."],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

Deno.test("every shipped plugin compiles outside of the tree against the three entries alone", async () => {
  await inTempFolder(async (folder) => {
    const rooms: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(`${ROOT}/plugins`)) {
      if (!isDirectory || INSIDE.includes(name)) continue;
      rooms.push(name);
      await copyFolder(`${ROOT}/plugins/${name}`, `${folder}/plugins/${name}`);
    }
    assert(rooms.includes("methods") && rooms.includes("affinitynet"), rooms.join());
    const { code, err } = await checkOutside(folder);
    assertEquals(code, 0, err);
  });
});

for (
  const [what, specifier] of [
    ["a file of core", "../../core/rng.ts"],
    ["the list of what ships", "seamstress/plugins"],
  ] as const
) {
  Deno.test(`a plugin that imports ${what} does not compile outside of the tree`, async () => {
    await inTempFolder(async (folder) => {
      await Deno.mkdir(`${folder}/plugins/losses`, { recursive: true });
      const module = `import * as inside from "${specifier}";\nexport const found = inside;\n`;
      await Deno.writeTextFile(`${folder}/plugins/losses/planted.ts`, module);
      const { code, err } = await checkOutside(folder);
      assertEquals(code, 1);
      assert(err.includes("planted.ts") && err.includes(specifier.replace(/^[./]+/, "")), err);
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
      const { code, err } = await runSeamstress([
        "run",
        `${folder}/${method}.yaml`,
        "--backend=wasm",
        `--out=${folder}/${method}`,
      ]);
      assertEquals(code, 0, err);
      const lines = (await Deno.readTextFile(`${folder}/${method}/metrics.jsonl`)).trim();
      const steps = lines.split("\n").map((line) => JSON.parse(line))
        .filter(({ event }) => event === "step");
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
