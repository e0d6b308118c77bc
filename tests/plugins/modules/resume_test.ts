import { assert, assertEquals } from "@std/assert";
import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import { runRecipe } from "../../../plugins/modules/run_recipe.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { plugins } from "../../../plugins/mod.ts";
import * as z from "zod";
import { inTempFolder } from "../../command.ts";

/** A plugin of kind stage whose result is `value`. */
const stage = (name: string, head: string, value: string, run = "") => `
import { defineArtifact, finishedArtifact, plannedArtifact } from "seamstress";
import * as z from "zod";
${head}
const number = defineArtifact({ name: "number", info: z.object({ value: z.number() }) });
export const ${name} = {
  kind: "stage",
  name: "${name}",
  summary: "",
  options: z.strictObject({}),
  create: (_options, _args, factory) => ({
    from: [],
    check: () => Promise.resolve([]),
    gives: () => plannedArtifact(number, {}),
    run: async () => {
      ${run}
      return finishedArtifact(number, { value: ${value} });
    },
  }),
};`;

/** Two plugins behind an index; one of them is made of everything that a module can name. */
const FILES: Readonly<Record<string, string>> = {
  "index.ts": 'export { one } from "./one.ts";\nexport { two } from "./two.ts";\n' +
    'export { schedule } from "./schedule.ts";\n',
  "one.ts": stage(
    "one",
    `import { helper } from "../lib/helper.ts";
import data from "./data.json" with { type: "json" };
import type { Only } from "./types.ts";
const weights = new URL("./weights.bin", import.meta.url);
const address = import.meta.resolve("./worker.ts");`,
    "helper() + data.length + (await import(`./later.ts`)).later",
    'await factory.create("schedule", { use: "later-made" }, undefined);',
  ),
  "two.ts": stage("two", 'import { two as value } from "./number.ts";', "value"),
  "schedule.ts": `import * as z from "zod";
export const schedule = {
  kind: "schedule", name: "later-made", summary: "", options: z.strictObject({}),
  create: () => ({ factor: () => 1 }),
};`,
  "number.ts": "export const two: number = 2;",
  "../lib/helper.ts": 'export * from "./deep.ts";',
  "../lib/deep.ts": "export const helper = <T,>(): number => 1 as number;",
  "data.json": "[1, 2]",
  "types.ts": "export interface Only { readonly a: 1 }",
  "weights.bin": "weights",
  "worker.ts": 'import "./below_worker.ts";',
  "below_worker.ts": "export {};",
  "later.ts": "export const later = 3;",
  "unused.ts": "export {};",
};

interface Seen {
  readonly state: string;
  readonly file: string | undefined;
}

async function scene(
  fn: (folder: string, run: () => Promise<Record<string, Seen>>) => Promise<void>,
) {
  await inTempFolder(async (folder) => {
    await Deno.mkdir(`${folder}/recipe/plugins`, { recursive: true });
    await Deno.mkdir(`${folder}/recipe/lib`);
    for (const [name, text] of Object.entries(FILES)) {
      await Deno.writeTextFile(`${folder}/recipe/plugins/${name}`, text);
    }
    await Deno.writeTextFile(
      `${folder}/recipe/r.yaml`,
      `
name: modules
backend: cpu
dataset: mini
plugins: [plugins/index.ts]
observers: [watch]
stages: [{ id: one, run: one }, { id: two, run: two }]
`,
    );
    let begun = false;
    const run = async () => {
      const seen: Record<string, Seen> = {};
      const watch = definePlugin({
        kind: "observer",
        name: "watch",
        summary: "notes what becomes of stages",
        options: z.strictObject({}),
        create: () => ({
          stage: ({ stage, state, file }) => {
            if (state !== "begin" && state !== "finished") seen[stage] = { state, file };
          },
        }),
      });
      const loaded = await loadRecipe(`${folder}/recipe/r.yaml`, {
        plugins: [...plugins, watch],
        environment: () => undefined,
        cwd: folder,
      });
      await runRecipe(loaded, { folder: `${folder}/run`, resume: begun, workerModules: [] });
      begun = true;
      return seen;
    };
    await fn(folder, run);
  });
}

const SKIPPED = { state: "skipped", file: undefined };

Deno.test("a stage is redone where any file of its plugins changed, which is named, and no other stage is", async () => {
  await scene(async (folder, run) => {
    await run();
    assertEquals(await run(), { one: SKIPPED, two: SKIPPED });
    const ofOne = [
      ...["one.ts", "../lib/helper.ts", "../lib/deep.ts", "data.json", "weights.bin"],
      ...["worker.ts", "below_worker.ts", "later.ts"],
      // What only the stage's work makes, by a name that no option says.
      "schedule.ts",
    ];
    const change = async (name: string) => {
      const path = `${folder}/recipe/plugins/${name}`;
      await Deno.writeTextFile(path, `${await Deno.readTextFile(path)}\n`);
    };
    for (const name of ofOne) {
      await change(name);
      const file = new URL(name, "file:///plugins/").pathname.slice(1);
      assertEquals(await run(), { one: { state: "set aside", file }, two: SKIPPED }, name);
      assertEquals(await run(), { one: SKIPPED, two: SKIPPED }, name);
    }
    for (const name of ["two.ts", "number.ts"]) {
      await change(name);
      const file = `plugins/${name}`;
      assertEquals(await run(), { one: SKIPPED, two: { state: "set aside", file } });
    }
    // Lists what others define.
    for (const name of ["index.ts", "unused.ts"]) {
      await change(name);
      assertEquals(await run(), { one: SKIPPED, two: SKIPPED }, name);
    }
    await Deno.remove(`${folder}/recipe/plugins/weights.bin`);
    assertEquals((await run())["one"], { state: "set aside", file: "plugins/weights.bin" });
  });
});

Deno.test("a recipe that moves with its plugins redoes nothing", async () => {
  await scene(async (folder, run) => {
    await run();
    await Deno.rename(`${folder}/recipe`, `${folder}/old`);
    await Deno.mkdir(`${folder}/recipe`);
    for (const name of ["plugins", "lib", "r.yaml"]) {
      await Deno.rename(`${folder}/old/${name}`, `${folder}/recipe/${name}`);
    }
    const seen = await run();
    assert(Object.values(seen).every(({ state }) => state === "skipped"));
  });
});
