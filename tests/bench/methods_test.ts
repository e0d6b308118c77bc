import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { findMethods, ROOT, SHARE } from "../../bench/methods/list.ts";
import { type MeasuredRun, merge, readMethods } from "../../bench/methods/results.ts";
import { describeSource } from "../../bench/methods/source.ts";
import { PAGE, renderMethods, withTable } from "../../bench/methods/table.ts";
import { inTempFolder } from "../command.ts";

Deno.test("the table of docs/methods.md is what its results say; else run: deno task methods --page", async () => {
  const page = await Deno.readTextFile(PAGE);
  assertEquals(page, withTable(page, await readMethods()));
});

Deno.test("methods are the baseline, SEAM and every mini recipe that has a folder of its own", async () => {
  const names = (await findMethods()).map(({ name }) => name);
  assertEquals(names.slice(0, 2), ["baseline", "seam"]);
  for (const name of ["ppc", "mctformer"]) assert(names.includes(name), names.join());
  for (const name of ["er", "pcm", "demo", "export"]) assert(!names.includes(name), names.join());
});

/** A repository with a method in it. */
async function withMethod(
  recipe: string,
  sources: Readonly<Record<string, string>>,
  fn: (root: string) => Promise<void>,
) {
  await inTempFolder(async (root) => {
    for (const { recipe, files } of (await findMethods()).slice(0, 2)) {
      for (const path of [recipe, ...files.filter((path) => path.endsWith(".ts"))]) {
        await Deno.mkdir(`${root}/${path}/..`.replace(/[^/]+\/\.\.$/, ""), { recursive: true });
        await Deno.copyFile(`${ROOT}/${path}`, `${root}/${path}`);
      }
    }
    await Deno.mkdir(`${root}/plugins/wsss/pcm`, { recursive: true });
    await Deno.mkdir(`${root}/plugins/two_words`, { recursive: true });
    await Deno.writeTextFile(`${root}/recipes/mini/two-words.yaml`, recipe);
    for (const [name, text] of Object.entries(sources)) {
      await Deno.writeTextFile(`${root}/plugins/two_words/${name}`, text);
    }
    await fn(root);
  });
}

const RECIPE = "stages:\n  - id: train\n  - { id: score, run: evaluate }\n  - { id: map }\n";
const LOSS = `/**
 * A loss.
 */
export const a = definePlugin({
  kind: "loss",
  name: "a", // its name

  create: () => ({ needs: [], compute, afterStep() {}, statistics: "batch" }),
});
`;

Deno.test("a method is described by its source: lines of code, kinds, what it uses of the contracts", async () => {
  const second = LOSS.replace('kind: "loss"', 'kind: "head"').replace("afterStep() {}, ", "");
  await withMethod(RECIPE, { "loss.ts": LOSS, "head.ts": second, "b.ts": LOSS }, async (root) => {
    const method = (await findMethods(root)).find(({ name }) => name === "two-words")!;
    assertEquals(method.files, ["plugins/two_words"]);
    assertEquals(await describeSource(method, root), {
      lines: 15,
      contracts: ["2 losses", "head", "state across steps", "whole batch"],
    });
  });
});

Deno.test("a change of recipe or source is another source, a change elsewhere is not", async () => {
  const sourceOf = async (root: string) =>
    (await findMethods(root)).find(({ name }) => name === "two-words")!.source;
  await withMethod(RECIPE, { "loss.ts": LOSS }, async (root) => {
    const found = [await sourceOf(root)];
    await Deno.writeTextFile(`${root}/plugins/losses/other.ts`, LOSS);
    assertEquals(await sourceOf(root), found[0]);
    await Deno.writeTextFile(`${root}/plugins/two_words/loss.ts`, LOSS.replace("a", "b"));
    found.push(await sourceOf(root));
    await Deno.writeTextFile(`${root}/recipes/mini/two-words.yaml`, `${RECIPE}seed: 1\n`);
    found.push(await sourceOf(root));
    assertEquals(new Set(found).size, 3);
  });
});

Deno.test("a recipe that lacks a stage by which methods are measured is refused", async () => {
  await withMethod(RECIPE.replace("id: score", "id: score-of-masks"), {}, async (root) => {
    await assertRejects(
      () => findMethods(root),
      Error,
      "Cannot measure recipes/mini/two-words.yaml: it has no stage score or cam-score",
    );
  });
});

const run = (seed: number, miou: number, source = "a"): MeasuredRun => ({
  seed,
  source,
  share: SHARE,
  scores: { miou, alpha: 0.25, map: 90 + seed },
  others: { "walk-score": miou + 1 },
  seconds: 30,
  cpuSeconds: 40 + seed,
  peakBytes: 3e8 + 1e6 * seed,
  beside: 2,
  load: { othersShare: 0.01 },
  madeWith: {
    seamstress: "0.1.0",
    commit: "1234567890",
    deno: "2.9.6",
    tfjs: "4.22.0",
    os: "linux",
    cores: 2,
    backend: "wasm",
    device: "wasm",
    started: "2026-01-02T03:04:05Z",
  },
});
const method = (name: string) => ({ name, recipe: `${name}.yaml`, lines: 7, contracts: ["loss"] });

Deno.test("runs are put among the others: by seed, in place of the same seed's, none of another source", () => {
  let results = merge([], method("zeta"), run(1, 50));
  results = merge(results, method("zeta"), run(0, 40));
  results = merge(results, method("seam"), run(0, 60));
  results = merge(results, method("alpha"), run(0, 30));
  results = merge(results, method("baseline"), run(0, 20));
  results = merge(results, method("zeta"), run(1, 51));
  assertEquals(results.map(({ name }) => name), ["baseline", "seam", "alpha", "zeta"]);
  const scores = () => results.at(-1)!.runs.map(({ seed, scores }) => [seed, scores.miou]);
  assertEquals(scores(), [[0, 40], [1, 51]]);
  results = merge(results, method("zeta"), run(2, 70, "b"));
  assertEquals(scores(), [[2, 70]]);
});

Deno.test("the table has means and extents, and says what else the machine did", () => {
  let results = merge([], method("one"), run(0, 40));
  results = merge(results, method("one"), run(1, 50));
  const text = renderMethods(results).replaceAll(/ +/g, " ");
  const row = "| one | 45.0 (40.0 – 50.0) | 90.5 (90.0 – 91.0) | 0.25 (0.25 – 0.25) " +
    "| walk-score 46.0 (41.0 – 51.0) | 0, 1 | 30 | 40.5 | 301 |";
  assert(text.includes(row), text);
  assert(
    text.replaceAll(/\s+/g, " ").includes("Each training takes 75 % of its recipe's epochs"),
    text,
  );
  assert(!text.includes("OTHER PROGRAMS"), text);
  const busy = { ...run(2, 45), load: { othersShare: 0.5, busy: true as const } };
  const said = renderMethods(merge(results, method("one"), busy)).replaceAll(/\s+/g, " ");
  assert(said.includes("OTHER PROGRAMS TOOK UP TO 50 % OF THE CORES DURING 1 OF 3 RUNS"), said);
});

Deno.test("a page without a place for the table is refused", () => {
  assertThrows(() => withTable("# Methods\n", []), Error, "docs/methods.md lacks <!-- begin");
});
