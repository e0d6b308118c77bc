import { assertEquals, assertMatch } from "@std/assert";
import { inTempFolder } from "../../command.ts";
import { SHORT_SEAM } from "../../short_seam.ts";
import { StopAfter } from "../../stop_after.ts";
import { failureOf, filesOf, runGroup } from "./setup.ts";

/** A short training, and every stage that goes through images. */
const STAGES = `
name: images
seed: 3
backend: wasm
dataset: { use: mini, size: 24 }
observers: []
stages:
  ${SHORT_SEAM}
  - { id: cams, run: infer, from: seam, split: "train[0:7]", scales: [1, 1.5] }
  - id: score
    run: evaluate
    from: cams
    metric: [{ use: miou, alpha: { sweep: [0.1, 0.5, 0.1] } }]
  - { id: map, run: evaluate, from: cams, metric: [multilabel] }
  - id: la
    run: refine
    from: cams
    keepScores: true
    refinements: [{ use: power-background, power: 4 }, { use: dense-crf, iterations: 2 }]
  - id: ha
    run: refine
    from: cams
    keepScores: true
    refinements: [{ use: power-background, power: 16 }, { use: dense-crf, iterations: 2 }]
  - { id: labels, run: affinity-labels, low: la, high: ha, square: 4 }
  - { id: masks-score, run: evaluate, from: la, metric: [{ use: miou, predictions: masks }] }
`;

/** Files of all stages with their hashes; tables by their content. */
async function results(folder: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const stage of ["cams", "score", "map", "la", "ha", "labels", "masks-score"]) {
    found[stage] = await filesOf(folder, stage);
  }
  return found;
}

/** Three threads of which a stage may use fewer. */
const THREE = `
import { definePlugin } from "seamstress";
import * as z from "zod";
export const three = definePlugin({
  kind: "group", name: "three", summary: "", options: z.strictObject({}),
  async create(_options, _args, factory) {
    const workers = await factory.create("group", { use: "workers", count: 3 }, undefined);
    return { size: () => 3, join: (options) => workers.join(options) };
  },
});
`;

Deno.test("stages that go through images leave the same files on 1, 2 and 3 ranks", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/single`, { recipe: STAGES });
    const single = await results(`${folder}/single`);
    assertEquals(Object.keys(single["cams"] as object).length > 6, true);
    await runGroup(`${folder}/two`, { recipe: STAGES, count: 2 });
    assertEquals(await results(`${folder}/two`), single);
    // The training has 2 micro-batches: it uses 2 ranks of 3.
    await Deno.writeTextFile(`${folder}/three.ts`, THREE);
    const set = [`plugins=[${folder}/three.ts]`, "group=three"];
    await runGroup(`${folder}/three`, { recipe: STAGES, set });
    assertEquals(await results(`${folder}/three`), single);
  });
});

Deno.test("stages that were stopped between two images go on with another number of ranks", async () => {
  await inTempFolder(async (folder) => {
    const set = ["cams.split=train[0:12]"];
    await runGroup(`${folder}/whole`, { recipe: STAGES, set });
    // Before the run and each stage, after 2 steps, at the beginning of cams, then after its images.
    const stop = new StopAfter(8);
    const run = `${folder}/stopped`;
    const message = await failureOf(run, { recipe: STAGES, set, count: 2, stop });
    assertMatch(message, /^Stopped stage cams after [1-9]\d* of 12 images$/);
    await runGroup(run, { recipe: STAGES, set, resume: true });
    assertEquals(await results(run), await results(`${folder}/whole`));
  });
});
