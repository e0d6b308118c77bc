import { assertAlmostEquals, assertEquals } from "@std/assert";
import { inTempFolder, runSeamstress } from "./command.ts";
import { loggedSteps } from "./logged.ts";

const RECIPE = `import { defineRecipe } from "seamstress/plugins";
export default defineRecipe({
  name: "exponential",
  plugins: ["./exponential.ts"],
  dataset: "mini",
  observers: ["jsonl"],
  stages: [{
    id: "cam",
    run: "train",
    split: "train",
    backbone: "tiny",
    head: { use: "cam" },
    method: "classification-cam",
    losses: ["classification"],
    optimizer: { use: "adam", lr: 0.005, schedule: { use: "exponential", end: 0.1 } },
    batch: { size: 2 },
    epochs: 1,
    maxSteps: 2,
    transforms: ["flip", "normalize"],
  }],
});
`;

Deno.test("the shortest plugin of docs/extending.md runs, in a recipe in TypeScript too", async () => {
  const text = await Deno.readTextFile(new URL("../docs/extending.md", import.meta.url));
  const module = text.match(/^## The shortest plugin\n\n```ts\n(.*?)^```$/ms)![1]!;
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/exponential.ts`, module);
    await Deno.writeTextFile(`${folder}/recipe.ts`, RECIPE);
    const { code, err } = await runSeamstress([
      "run",
      `${folder}/recipe.ts`,
      "--backend=wasm",
      `--out=${folder}/run`,
    ]);
    assertEquals(code, 0, err);
    const steps = await loggedSteps(`${folder}/run`);
    // Of one epoch of 600 scenes by two.
    const rate = (step: number) => 0.005 * 0.1 ** (step / 300);
    assertEquals(steps.length, 2);
    steps.forEach(({ rates }, step) => assertAlmostEquals(rates[0], rate(step), 1e-12));
  });
});
