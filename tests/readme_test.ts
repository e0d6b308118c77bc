import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runSeamstress } from "./command.ts";
import { listing } from "./readme/listing.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");
const readme = await Deno.readTextFile(`${ROOT}/README.md`);

/** Settings and documents of the repository, and what is made in a checkout: no part of the architecture. */
const NOT_LISTED = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "deno.json",
  "deno.lock",
  "node_modules/",
  "runs/",
];

/** A folder holds a file somewhere below; Git keeps no others. */
async function holdsFile(folder: string): Promise<boolean> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory || await holdsFile(`${folder}/${name}`)) return true;
  }
  return false;
}

/** Names in a folder, folders with `/` behind. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    if (!isDirectory) names.push(name);
    else if (NOT_LISTED.includes(`${name}/`) || await holdsFile(`${folder}/${name}`)) {
      names.push(`${name}/`);
    }
  }
  return names.sort();
}

Deno.test("the folder listing of the README is what is there", async () => {
  const printed = listing(readme);
  const there = (await namesIn(ROOT)).filter((name) => !NOT_LISTED.includes(name));
  assertEquals([...printed.keys()].sort(), there);
  for (const folder of ["core", "plugins"]) {
    assertEquals([...printed.get(`${folder}/`)!].sort(), await namesIn(`${ROOT}/${folder}`));
  }
});

Deno.test("the README names every document of docs/", async () => {
  const line = readme.split("\n").find((line) => line.startsWith("docs/ "))!;
  const named = line.replace(/^docs\/ +/, "").split(", ");
  const there = (await namesIn(`${ROOT}/docs`)).filter((name) => name.endsWith(".md"));
  assertEquals(named.map((name) => `${name}.md`), there);
});

Deno.test("links of the documents lead to files of the repository", async () => {
  const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
  for (const name of await namesIn(`${ROOT}/docs`)) {
    if (name.endsWith(".md")) documents.push(`docs/${name}`);
  }
  let links = 0;
  for (const document of documents) {
    const text = await Deno.readTextFile(`${ROOT}/${document}`);
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
      links++;
      const url = new URL(target!, `file://${ROOT}/${document}`);
      const found = await Deno.stat(url).then(() => true, () => false);
      assert(found, `${document} links to ${target}`);
    }
  }
  assert(links > 10);
});

Deno.test("the plugin that the README shows runs, in a recipe in TypeScript too", async () => {
  const module = readme.match(/^```ts\n(import \{ definePlugin \}.*?)^```$/ms)![1]!;
  const recipe = `import { defineRecipe } from "seamstress/plugins";
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
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/exponential.ts`, module);
    await Deno.writeTextFile(`${folder}/recipe.ts`, recipe);
    const { code, err } = await runSeamstress([
      "run",
      `${folder}/recipe.ts`,
      "--backend=wasm",
      `--out=${folder}/run`,
    ]);
    assertEquals(code, 0, err);
    const steps = (await Deno.readTextFile(`${folder}/run/metrics.jsonl`)).trim().split("\n")
      .map((line) => JSON.parse(line)).filter(({ event }) => event === "step");
    // Of one epoch of 600 scenes by two.
    const rate = (step: number) => 0.005 * 0.1 ** (step / 300);
    assertEquals(steps.length, 2);
    steps.forEach(({ rates }, step) => assertAlmostEquals(rates[0], rate(step), 1e-12));
  });
});
