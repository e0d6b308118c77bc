import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as z from "zod";
import {
  type ArtifactKind,
  defineArtifact,
  type FinishedArtifact,
  finishedArtifact,
  type PlannedArtifact,
  plannedArtifact,
} from "../../../core/contracts/artifact.ts";
import type { StageContext, StagePlan } from "../../../core/contracts/stage.ts";
import { isUserError } from "../../../core/errors.ts";
import { readArtifact } from "../../../core/run/stages/artifact_info.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";

/** A kind that core and the shipped stages know nothing of. */
interface Superpixels {
  readonly folder: string;
  readonly count: number;
}
const SUPERPIXELS: ArtifactKind<"superpixels", Superpixels, { readonly split: string }> =
  defineArtifact({
    name: "superpixels",
    info: z.object({ folder: z.string(), count: z.int().min(1) }),
  });

const dataset = { use: "mini" };
const images = { split: "val", dataset, base: "/", classes: ["cat"] };

Deno.test("what a stage states of its artifact compiles only where it fits the kind, an outside one's too", () => {
  const cams = finishedArtifact(ARTIFACTS.cams, { cams: "cams", ...images });
  assertEquals(cams.info, { cams: "cams", ...images });
  // @ts-expect-error: no folder of CAMs
  finishedArtifact(ARTIFACTS.cams, { ...images });
  // @ts-expect-error: masks are not CAMs
  finishedArtifact(ARTIFACTS.cams, { ...images, cams: "cams", masks: "masks" });
  // @ts-expect-error: a split is a name
  finishedArtifact(ARTIFACTS.masks, { ...images, masks: "masks", split: 3 });
  assertEquals(finishedArtifact(SUPERPIXELS, { folder: "s", count: 4 }).info["count"], 4);
  // @ts-expect-error: how many there are is missing
  finishedArtifact(SUPERPIXELS, { folder: "s" });
  assertEquals(plannedArtifact(SUPERPIXELS, { split: "val" }).facts, { split: "val" });
  // @ts-expect-error: the split is missing
  plannedArtifact(SUPERPIXELS, {});
  // @ts-expect-error: masks keep no CAMs
  plannedArtifact(ARTIFACTS.masks, { split: "val", keeps: ["cams"] });
  // @ts-expect-error: made by plannedArtifact() alone, which checks facts against the kind
  const planned: PlannedArtifact = { kind: SUPERPIXELS, facts: {} };
  // @ts-expect-error: made by finishedArtifact() alone, which checks info against the kind
  const finished: FinishedArtifact = { kind: SUPERPIXELS, info: {} };
  assertEquals([planned.facts, finished.info], [{}, {}]);
});

Deno.test("what a stage reads has the type of its kind, of several kinds one after the other", () => {
  // Never called: what compiles is the test.
  const reads = async (plan: StagePlan, context: StageContext) => {
    const { info } = context.artifact("s", SUPERPIXELS);
    const count: number = info.count;
    // @ts-expect-error: superpixels have no such member
    const missing = info.masks;
    // @ts-expect-error: a name is no kind
    context.artifact("s", "superpixels");
    const either = context.artifact("m", ARTIFACTS.cams, ARTIFACTS.masks);
    const split: string = either.info.split;
    // @ts-expect-error: they may be CAMs
    const masks = either.info.masks;
    const folder: string = either.kind === "masks" ? either.info.masks : either.info.cams;
    const { facts } = await plan.earlier("m", ARTIFACTS.masks);
    const square: number | undefined = facts.square;
    // @ts-expect-error: an option of some stage is no fact
    const option = facts.refinements;
    return [count, missing, split, masks, folder, square, option];
  };
  assertEquals(typeof reads, "function");
});

Deno.test("readArtifact gives what fits, nothing of another kind, and refuses what was damaged or says too little", () => {
  const folder = "/run/stages/slic";
  const stored = { kind: "superpixels", folder, info: { folder: "s", count: 4 } };
  assertEquals(readArtifact(stored, ARTIFACTS.cams, SUPERPIXELS) as unknown, stored);
  assertEquals(readArtifact(stored, ARTIFACTS.cams, ARTIFACTS.masks), undefined);
  for (const info of [{ folder: "s" }, { folder: "s", count: 0 }, { folder: "s", count: "4" }]) {
    const error = assertThrows(
      () => readArtifact({ ...stored, info }, SUPERPIXELS),
      TypeError,
      `Cannot read the superpixels of stage slic: ${folder}/stage.json was damaged, or an earlier version wrote it (count: `,
    );
    assertStringIncludes(error.message, "run it again with --from slic");
    assert(isUserError(error), "a trace would be printed");
  }
});

Deno.test("what earlier versions wrote of CAMs, masks, checkpoints and tables is still read", () => {
  const mini = { split: "train", dataset: { use: "mini", size: 32 }, base: "/", classes: ["cat"] };
  const of = { ...mini, output: "cam", checkpoint: "net", images: 3 };
  const network = { backbone: { use: "tiny" }, head: { use: "cam" }, classes: ["cat"] };
  const about = { stage: "s", from: "c", checkpoint: "net", output: "cam", split: "val" };
  const written = [
    ["cams", { cams: "cams", ...of, scales: [1], flip: true, longSide: null, save: ["cams"] }],
    ["cams", { cams: "cams", ...of, longSide: null, save: ["cams"], imported: "/npy" }],
    ["masks", { masks: "masks", scores: "scores", ...mini, images: 3, longSide: 16 }],
    ["masks", { masks: "masks", ...mini, images: 3, refinements: [{ use: "threshold" }] }],
    ["masks", { masks: "masks", ...of, scales: [1], flip: false, average: "logits", how: "x" }],
    ["masks", { masks: "masks", ...mini, images: 3, square: 8 }],
    ["checkpoint", { weights: "c/1.safetensors", ...network, split: "train", steps: 4 }],
    ["checkpoint", { weights: "w.safetensors", ...network, split: "val", imported: "/w.pth" }],
    ["table", { table: "table.json", ...about, images: 3, maskScale: 1 }],
  ] as const;
  const kinds = [ARTIFACTS.checkpoint, ARTIFACTS.cams, ARTIFACTS.masks, ARTIFACTS.table];
  for (const [kind, info] of written) {
    const stored = { kind, folder: "/run/stages/s", info };
    assertEquals(readArtifact(stored, ...kinds) as unknown, stored);
  }
});
