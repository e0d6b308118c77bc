import { assert, assertEquals } from "@std/assert";
import { loadRecipe } from "../plugins/recipe_files/load.ts";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { plugins } from "../plugins/mod.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";
import { loggedSteps } from "./logged.ts";

const RECIPES = fromFileUrl(new URL("../recipes", import.meta.url));

async function recipesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const found = await Promise.all(
    entries.map(({ name, isDirectory }) =>
      isDirectory ? recipesIn(`${folder}/${name}`) : [`${folder}/${name}`]
    ),
  );
  return found.flat().sort();
}

for (const path of await recipesIn(RECIPES)) {
  Deno.test(`${path.slice(RECIPES.length + 1)} is a recipe whose every option is valid`, async () => {
    const { recipe } = await loadRecipe(path, { plugins, environment: () => undefined, cwd: "/" });
    assert(recipe.stages.length > 0);
    const head = (await Deno.readTextFile(path)).split("\n").filter((line) => line.startsWith("#"));
    assert(head.some((line) => line.startsWith("# Run ")), "its head says how to run it");
  });
}

/** What is logged of each row of the ablation, and of methods. */
const LOSSES = {
  baseline: ["classification"],
  er: ["classification", "er"],
  pcm: ["classification", "min-pooling", "er", "ecr"],
  seam: ["classification", "min-pooling", "er", "ecr"],
  "puzzle-cam": ["classification", "tiles", "puzzle-cam"],
  eps: ["classification", "eps"],
};

for (const [name, losses] of Object.entries(LOSSES)) {
  Deno.test(`recipes/mini/${name}.yaml trains, infers, evaluates and writes a report`, async () => {
    await inTempFolder(async (folder) => {
      const short = ["train.maxSteps=2", "cams.split=train[0:4]", "held-out.split=val[0:12]"];
      if (losses.includes("er")) short.push("train.losses.er.start=0");
      const { code, err } = await callSeamstress([
        "run",
        `${RECIPES}/mini/${name}.yaml`,
        "--backend=wasm",
        `--out=${folder}/run`,
        ...short.flatMap((setting) => ["--set", setting]),
      ]);
      assertEquals(code, 0, err);
      const steps = await loggedSteps(`${folder}/run`);
      assertEquals(
        steps.map((step) => Object.keys(step.losses).sort()),
        [0, 1].map(() => [...losses, "loss"].sort()),
      );
      const { table: { summary } } = JSON.parse(
        await Deno.readTextFile(`${folder}/run/stages/score/table.json`),
      );
      assert(summary.miou > 0 && summary.miou < 100, String(summary.miou));
      const page = await Deno.readTextFile(`${folder}/run/report.html`);
      assert(page.includes("data:image/png;base64,"), "the report shows pictures");
    });
  });
}
