import { plannedArtifact } from "../../../core/contracts/artifact.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";
import { planOf } from "./plan.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as z from "zod";
import type { StageEstimate } from "../../../core/contracts/stage.ts";
import { oneAtATime } from "../../../plugins/formats/one_at_a_time.ts";
import { definePlugin, type Use } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { estimateMasks } from "../../../plugins/wsss/refinement/estimate.ts";
import { backends } from "../../backends.ts";
import { madeCamsStage } from "./made_cams.ts";

const POWER = { use: "power-background" };
const STAGES: Record<string, Record<string, unknown>> = {
  cams: { run: "made-cams", split: "val[0:10]", longSide: 16 },
  la: { run: "refine", from: "cams", refinements: [POWER], keepScores: true },
  aff: {
    run: "train",
    split: "train",
    backbone: { use: "tiny" },
    head: { use: "affinity", low: "t3", mid: "t4" },
    method: { use: "affinity" },
    losses: [{ use: "affinity" }],
    optimizer: { use: "sgd", lr: 0.1 },
    batch: { size: 4 },
    epochs: 1,
    transforms: [{ use: "normalize" }],
  },
  large: { run: "made-cams", split: "val[0:10]" },
  theirs: { run: "found" },
};

/** Takes a twentieth of a second an image, one after the other. */
const SECONDS = 1 / 20;
const slow = definePlugin({
  kind: "refinement",
  name: "slow",
  summary: "waits",
  options: z.strictObject({}),
  create() {
    const turn = oneAtATime();
    return {
      refine: (scores) =>
        turn(async () => {
          await new Promise((resolve) => setTimeout(resolve, 1000 * SECONDS));
          return scores;
        }),
    };
  },
});
/** A stage that does not tell what network it leaves. */
const found = definePlugin({
  kind: "stage",
  name: "found",
  summary: "a checkpoint from somewhere",
  options: z.strictObject({}),
  create: () => ({
    from: [],
    gives: () => plannedArtifact(ARTIFACTS.checkpoint, {}),
    check: () => Promise.resolve([]),
    run: () => Promise.reject(new Error("An estimate runs nothing")),
  }),
});
const registry = new Registry([...plugins, madeCamsStage, slow, found]);

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
  const time = () => Promise.resolve({});
  const { writeBytes: masks, ...rest } = await estimateMasks(plan, "la", {
    keepScores: false,
    time,
  });
  assertEquals(rest, { reads: "val[0:10]", images: 10 });
  assert(masks! > 100 && masks! < 10 * 64 * 64);
  const kept = await estimateMasks(plan, "la", { split: "val[2:4]", keepScores: true, time });
  assertEquals([kept.reads, kept.images], ["val[2:4]", 2]);
  // Two or three maps of 16x16 an image: background and one class or two.
  const scores = kept.writeBytes! - masks! / 5;
  assert(scores >= 2 * 2 * 16 * 16 * 4 - 1 && scores <= 2 * 3 * 16 * 16 * 4, `${scores}`);
});

Deno.test("refinements are timed on a few images, for all", async () => {
  await backends.wasm.prepare();
  const { seconds, images, work, notes } = await refine({ use: "slow" });
  assertEquals([images, work], [10, undefined]);
  assert(seconds! > 9.5 * SECONDS && seconds! < 40 * SECONDS, `${seconds}`);
  assertStringIncludes(notes![0]!, "timed on 4 images");
  const crf = await refine({ use: "dense-crf", workers: 0 });
  assert(crf.seconds! > 0 && crf.seconds! < 20, `${crf.seconds}`);
});

Deno.test("a random walk takes its network, traced, and its steps, timed; unknown where the recipe does not describe the network", async () => {
  await backends.wasm.prepare();
  const walk = (options: Record<string, unknown>) =>
    estimate({
      run: "refine",
      from: "large",
      refinements: [POWER, { use: "random-walk", from: "aff", ...options }],
    });
  const few = await walk({ logt: 0 }), many = await walk({ logt: 12 });
  assert(few.work!.convolution!.flops > 0);
  assertEquals(many.work, few.work);
  assert(many.seconds! > 4 * few.seconds!, `${few.seconds} to ${many.seconds}`);
  const unknown = await walk({ from: "theirs" });
  assertEquals([unknown.images, unknown.seconds, unknown.work], [10, undefined, undefined]);
  assertEquals(unknown.notes, [
    "time unknown: what random-walk reads of stage theirs is not in this recipe",
  ]);
});

Deno.test("label masks are timed, too", async () => {
  const labels = { run: "affinity-labels", low: "la", high: "la" };
  const { seconds, images } = await estimate(labels);
  assertEquals(images, 10);
  assert(seconds! > 0 && seconds! < 20, `${seconds}`);
});
