import { planOf } from "./plan.ts";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import type { StageEstimate } from "../../../core/contracts/stage.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { estimateMasks } from "../../../plugins/wsss/refinement/estimate.ts";
import { madeCamsStage } from "./made_cams.ts";

const POWER = { use: "power-background" };
const STAGES: Record<string, Record<string, unknown>> = {
  cams: { run: "made-cams", split: "val[0:10]", longSide: 16 },
  la: { run: "refine", from: "cams", refinements: [POWER], keepScores: true },
};

const registry = new Registry([...plugins, madeCamsStage]);

const plan = planOf("masks", {
  registry,
  dataset: { use: "mini", size: 64 },
  base: "/",
  stages: STAGES,
});

/** What a stage of the recipe says that it will take. */
async function estimate(stage: Record<string, unknown>): Promise<StageEstimate> {
  const made = await registry.create("stage", stage as unknown as Use<"stage">, undefined);
  return await made.estimate!(plan);
}
const refine = (...refinements: unknown[]) =>
  estimate({ run: "refine", from: "cams", refinements: [POWER, ...refinements] });

Deno.test("what masks and kept scores will take follows the split and size of the CAMs they are made of", async () => {
  const { writeBytes: masks, notes: _, ...rest } = await estimateMasks(plan, "la", {
    keepScores: false,
  });
  assertEquals(rest, { reads: "val[0:10]", images: 10 });
  assert(masks! > 100 && masks! < 10 * 64 * 64);
  const kept = await estimateMasks(plan, "la", {
    split: "val[2:4]",
    keepScores: true,
    store: "float32",
  });
  assertEquals([kept.reads, kept.images], ["val[2:4]", 2]);
  // Two or three maps of 16x16 an image: background and one class or two.
  const scores = kept.writeBytes! - masks! / 5;
  assert(scores >= 2 * 2 * 16 * 16 * 4 - 1 && scores <= 2 * 3 * 16 * 16 * 4, `${scores}`);
  const usual = await estimateMasks(plan, "la", { split: "val[2:4]", keepScores: true });
  assertAlmostEquals((usual.writeBytes! - masks! / 5) / scores, 0.6 / 4, 1e-9);
});

Deno.test("refinements and label masks have no time before a run, and say where to take one from", async () => {
  const refined = await refine({ use: "dense-crf", workers: 0 });
  assertEquals([refined.images, refined.work], [10, undefined]);
  assertStringIncludes(refined.notes![0]!, "--like");
  const labels = await estimate({ run: "affinity-labels", low: "la", high: "la" });
  assertEquals([labels.images, labels.work], [10, undefined]);
  assertStringIncludes(labels.notes![0]!, "--like");
});
