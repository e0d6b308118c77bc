import { assertEquals, assertInstanceOf } from "@std/assert";
import { loadRecipe } from "../plugins/recipe_files/load.ts";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { runRecipe } from "../plugins/modules/run_recipe.ts";
import { type Stop, Stopped } from "../core/run/stop.ts";
import { plugins, workerModules } from "../plugins/mod.ts";
import { inTempFolder } from "./command.ts";
import { StopAfter } from "./stop_after.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const SPLIT = "val[0:5]";
const head = `
name: files
backend: cpu
dataset: { use: mini, size: 16 }
observers: []
stages:
`;

const MAKING = `${head}
  - { id: data, run: export, splits: { val: "${SPLIT}" } }
  - id: net
    run: train
    split: "train[0:4]"
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01 }
    batch: { size: 2 }
    workers: 0
    epochs: 1
    transforms: [normalize]
  - { id: cams, run: infer, from: net, split: "${SPLIT}", scales: [1], flip: false }
  - { id: npy, run: export-cams, from: cams }
`;

const taking = (cams: string) =>
  `${head}
  - { id: theirs, run: import-cams, cams: "${cams}", split: "${SPLIT}" }
`;

async function run(file: string, folder: string, stop?: Stop): Promise<void> {
  const resume = await Deno.stat(`${folder}/manifest.json`).then(() => true, () => false);
  const loaded = await loadRecipe(file, { plugins, environment: () => undefined, cwd: ROOT });
  await runRecipe(loaded, { folder, resume, workerModules, ...stop && { stop } });
}

/** Runs on after each stop; @returns where it stopped, each stage and place once */
async function runStopping(file: string, folder: string): Promise<ReadonlySet<string>> {
  const stops = new Set<string>();
  // A stage that keeps no part, such as an export, needs to get further each time.
  for (let looks = 1;; looks++) {
    try {
      await run(file, folder, new StopAfter(looks));
      return stops;
    } catch (error) {
      assertInstanceOf(error, Stopped);
      const [, where] = /stage (\w+) after \d/.exec(error.message) ?? [];
      if (where) stops.add(where);
    }
  }
}

/** Bytes of all that stages left but when they did it and what trainings go on from. */
async function results(folder: string, below = "stages/"): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    const path = below + name;
    if (name === "checkpoints" || name === "stage.json") continue;
    if (!isDirectory) found.set(path, (await Deno.readFile(`${folder}/${path}`)).toBase64());
    else for (const item of await results(folder, `${path}/`)) found.set(...item);
  }
  return new Map([...found].sort());
}

Deno.test("export, infer, export-cams and import-cams, stopped and resumed on cpu, leave what unbroken ones do", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/making.yaml`, MAKING);
    await run(`${folder}/making.yaml`, `${folder}/whole`);
    const stops = await runStopping(`${folder}/making.yaml`, `${folder}/stopped`);
    assertEquals([...stops].sort(), ["cams", "data", "npy"]);
    const made = await results(`${folder}/whole`);
    assertEquals(await results(`${folder}/stopped`), made);

    await Deno.writeTextFile(`${folder}/taking.yaml`, taking(`${folder}/whole/stages/npy/npy`));
    await run(`${folder}/taking.yaml`, `${folder}/taken`);
    const taken = await runStopping(`${folder}/taking.yaml`, `${folder}/taken-stopped`);
    assertEquals([...taken], ["theirs"]);
    assertEquals(await results(`${folder}/taken-stopped`), await results(`${folder}/taken`));
  });
});
