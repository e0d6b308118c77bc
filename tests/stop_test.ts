import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { loadRecipe } from "../plugins/recipe_files/load.ts";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { runRecipe } from "../plugins/modules/run_recipe.ts";
import { type Stop, Stopped } from "../core/run/stop.ts";
import { plugins, workerModules } from "../plugins/mod.ts";
import { inTempFolder, runSeamstress, seamstress } from "./command.ts";
import { signalled } from "./signalled.ts";
import { StopAfter } from "./stop_after.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const FULL = `${ROOT}recipes/mini/seam-full.yaml`;

/** The recipe of every stage with a few images and steps. */
const SMALL = [
  "backend=wasm",
  "group=single",
  "split=train[0:6]",
  "val.split=val[0:6]",
  "epochs=1",
  "batch.size=2",
  "seam.losses.er.start=0",
];

async function runSmall(folder: string, resume: boolean, stop?: Stop) {
  const loaded = await loadRecipe(FULL, {
    plugins,
    set: SMALL,
    environment: () => undefined,
    cwd: ROOT,
  });
  const quiet = { ...loaded, recipe: { ...loaded.recipe, observers: [] } };
  return await runRecipe(quiet, { folder, resume, workerModules, ...stop && { stop } });
}

/** Every result in a run folder: path within it → bytes; neither what says when it was made, nor the run's log. */
async function results(folder: string, below = ""): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    const path = below + name;
    if (isDirectory) { for (const item of await results(folder, `${path}/`)) found.set(...item); }
    else if (name.endsWith(".png") || name.endsWith(".safetensors") || name.startsWith("table.")) {
      found.set(path, await Deno.readFile(`${folder}/${path}`));
    }
  }
  return found;
}

Deno.test("a run stopped and resumed over and over, in every stage, ends with the bytes of an unbroken one", async () => {
  await inTempFolder(async (folder) => {
    await runSmall(`${folder}/whole`, false);
    const stoppedIn = new Set<string>();
    let begun = false;
    for (let stops = 0;; stops++) {
      try {
        // A stage that cannot keep a part, such as an evaluation, needs to get further in the end.
        await runSmall(`${folder}/stopped`, begun, new StopAfter(6 + stops));
        break;
      } catch (error) {
        assertInstanceOf(error, Stopped);
        const [, stage] = /(?:stage|training) ([\w-]+)/.exec(error.message) ?? [];
        if (stage) stoppedIn.add(stage);
        begun = await Deno.stat(`${folder}/stopped/manifest.json`).then(() => true, () => false);
      }
    }
    assert(stoppedIn.size > 6, `it stopped in ${[...stoppedIn]} only`);
    const [found, wanted] = [await results(`${folder}/stopped`), await results(`${folder}/whole`)];
    const last = (paths: Iterable<string>) =>
      [...paths].filter((path) => !path.includes("checkpoints/")).toSorted();
    assertEquals(last(found.keys()), last(wanted.keys()));
    for (const path of last(wanted.keys())) assertEquals(found.get(path), wanted.get(path), path);
    for (const path of wanted.keys()) {
      // The last checkpoints' names say their step, which stops do not change.
      if (found.has(path)) assertEquals(found.get(path), wanted.get(path), path);
    }
  });
});

/** Starts the recipe and gives it a signal once its training is under way. */
function stopped(folder: string, signal: Deno.Signal) {
  const args = ["run", FULL, ...SMALL.flatMap((set) => ["--set", set]), "--set", "epochs=200"];
  return signalled(seamstress([...args, "--out", folder]).spawn(), folder, signal);
}

for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} ends a run after its step, with a checkpoint, ${expected} and the command that goes on`, async () => {
    await inTempFolder(async (folder) => {
      const run = `${folder}/a run`;
      const { code, err } = await stopped(run, signal);
      assertEquals(code, expected, err);
      assertMatch(
        err,
        new RegExp(`${signal}: the run stops when its current step or image is done`),
      );
      const [, step] = /Stopped training seam after step (\d+) of 600; go on with\n/.exec(err) ??
        [];
      assertMatch(err, /cli\.ts run '[^']*\/a run' --resume\n/);
      const checkpoints = `${run}/stages/seam/checkpoints`;
      const last = JSON.parse(await Deno.readTextFile(`${checkpoints}/last.json`));
      assertEquals(last.step, Number(step));
      // The lock is free: another process can plan to go on.
      const resumed = await runSeamstress(["run", run, "--resume", "--dry-run"]);
      assertEquals(resumed.code, 0, resumed.err);
    });
  });
}

Deno.test("a signal before the first stage ends the run with nothing begun", async () => {
  await inTempFolder(async (folder) => {
    await runSmall(`${folder}/run`, false, { requested: true }).then(
      () => assert(false, "it ran"),
      (error) => assertInstanceOf(error, Stopped),
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});
