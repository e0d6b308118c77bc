import { assert, assertEquals } from "@std/assert";
import type { StagePlan } from "../../../core/contracts/stage.ts";
import { Registry } from "../../../core/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { estimateMasks } from "../../../plugins/stages/refine/estimate.ts";
import { madeCamsStage } from "./made_cams.ts";
import { withFolder } from "./scene.ts";

const STAGES: Record<string, Record<string, unknown>> = {
  cams: { run: "made-cams", split: "val[0:10]", longSide: 16 },
  la: {
    run: "refine",
    from: "cams",
    refinements: [{ use: "power-background" }],
    keepScores: true,
  },
};

Deno.test("what masks and kept scores will take follows the split and size of the CAMs they are made of", async () => {
  await withFolder(async (base) => {
    const plan: StagePlan = {
      id: "labels",
      base,
      dataset: { use: "mini", size: 64 },
      maker: new Registry([...plugins, madeCamsStage]),
      earlier: (id) => {
        const { run, ...options } = STAGES[id]!;
        return { run: String(run), options };
      },
    };
    const { writeBytes: masks, ...rest } = await estimateMasks(plan, "la", { keepScores: false });
    assertEquals(rest, { reads: "val[0:10]", images: 10 });
    assert(masks! > 100 && masks! < 10 * 64 * 64);
    const kept = await estimateMasks(plan, "la", { split: "val[2:4]", keepScores: true });
    assertEquals([kept.reads, kept.images], ["val[2:4]", 2]);
    // Two or three maps of 16x16 an image: background and one class or two.
    const scores = kept.writeBytes! - masks! / 5;
    assert(scores >= 2 * 2 * 16 * 16 * 4 - 1 && scores <= 2 * 3 * 16 * 16 * 4, `${scores}`);
  });
});
