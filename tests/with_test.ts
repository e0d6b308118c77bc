import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { callSeamstress } from "./call.ts";
import { inTempFolder, runDeno } from "./command.ts";

const SILENT = `
import { definePlugin } from "seamstress";
import * as z from "zod";
export const silent = definePlugin({
  kind: "schedule", name: "silent", summary: "factor 0 throughout",
  options: z.strictObject({ depth: z.int().default(3).describe("how silent") }),
  create: () => ({ factor: () => 0 }),
});
`;

async function write(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/silent.ts`, SILENT);
  await Deno.writeTextFile(`${folder}/r.yaml`, "name: r\nplugins: [./silent.ts]\n");
}

Deno.test("plugins and schema know the plugins of a module, and those of a recipe", async () => {
  await inTempFolder(async (folder) => {
    await write(folder);
    for (const file of ["silent.ts", "r.yaml"]) {
      const listed = await callSeamstress(["plugins", "schedule", "--with", `${folder}/${file}`]);
      assertEquals(listed.code, 0, listed.err);
      assertStringIncludes(listed.out, "factor 0 throughout");
      assertStringIncludes(listed.err, `runs the recipe's own code: ${folder}/silent.ts`);
    }
    const one = await callSeamstress([
      "plugins",
      "schedule",
      "silent",
      `--with=${folder}/silent.ts`,
    ]);
    assertStringIncludes(one.out, "how silent");
    const schema = await callSeamstress(["schema", `--with=${folder}/r.yaml`]);
    assertStringIncludes(schema.out, "how silent");
    const without = await callSeamstress(["schema"]);
    assert(!without.out.includes("how silent"));
  });
});

const RECIPE = `
name: w
backend: wasm
dataset: { use: mini, size: 16 }
observers: []
stages:
  - id: cam
    run: train
    split: "train[0:4]"
    backbone: tiny
    head: cam
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01, schedule: silent }
    batch: { size: 4 }
    epochs: 1
    transforms: [normalize]
`;

Deno.test("a dry run takes plugins by --with, and says which are missing without", async () => {
  await inTempFolder(async (folder) => {
    await write(folder);
    await Deno.writeTextFile(`${folder}/w.yaml`, RECIPE);
    const dry = ["run", `${folder}/w.yaml`, "--dry-run", `--out=${folder}/run`];
    const without = await callSeamstress(dry);
    assertEquals(without.code, 1);
    assertStringIncludes(without.err, 'unknown schedule "silent"');
    const found = await callSeamstress([...dry, `--with=${folder}/silent.ts`]);
    assertEquals(found.code, 0, found.err);
  });
});

Deno.test("a recipe takes plugins of a package by a bare name, and refuses one that is not there by it", async () => {
  await inTempFolder(async (folder) => {
    // An import map leads the name on, as a user's own deno.json would.
    await Deno.writeTextFile(
      `${folder}/w.yaml`,
      RECIPE.replace("\nbackend", '\nplugins: ["@me/none"]\nbackend'),
    );
    const missing = await callSeamstress([
      "run",
      `${folder}/w.yaml`,
      "--dry-run",
      `--out=${folder}/run`,
    ]);
    assertEquals(missing.code, 1);
    assertStringIncludes(missing.err, "Cannot load plugins from @me/none");
    const text = await Deno.readTextFile(new URL("../deno.json", import.meta.url));
    const config = JSON.parse(text);
    const root = new URL("..", import.meta.url);
    await write(folder);
    config.imports = Object.fromEntries(
      Object.entries(config.imports as Record<string, string>).map((
        [name, target],
      ) => [name, target.startsWith(".") ? new URL(target, root).href : target]),
    );
    config.imports["@me/ideas"] = `file://${folder}/silent.ts`;
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ imports: config.imports, nodeModulesDir: "none", lock: false }),
    );
    await Deno.writeTextFile(
      `${folder}/w.yaml`,
      RECIPE.replace("\nbackend", '\nplugins: ["@me/ideas"]\nbackend'),
    );
    const { code, err } = await runDeno([
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      `--config=${folder}/deno.json`,
      new URL("../cli.ts", import.meta.url).href,
      "run",
      `${folder}/w.yaml`,
      `--out=${folder}/run`,
    ], { cwd: folder });
    assertEquals(code, 0, err);
    assertStringIncludes(err, "runs the recipe's own code: @me/ideas");
    const recipe = await Deno.readTextFile(`${folder}/run/recipe.yaml`);
    assertStringIncludes(recipe, "@me/ideas");
    // Its file decides whether the stage is made anew.
    const marker = await Deno.readTextFile(`${folder}/run/stages/cam/stage.json`);
    assertStringIncludes(marker, "silent.ts");
  });
});
