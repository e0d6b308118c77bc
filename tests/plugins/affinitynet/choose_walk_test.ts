import { assert, assertEquals } from "@std/assert";
import * as z from "zod";
import { definePlugin, type Use } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { readMask } from "../../../plugins/images/mask_store.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { madeCamsStage } from "../stages/made_cams.ts";
import { runScene, withFolder } from "../stages/scene.ts";

const SPLIT = "val[0:3]", NAMES = ["mini_0600", "mini_0601", "mini_0602"];
const HEAD = { low: "t3", mid: "t4", lowChannels: 4, midChannels: 4, deepChannels: 8 };

/** AffinityNet's head, which counts how often the network runs. */
function countingHead() {
  const count = { runs: 0 };
  const head = definePlugin({
    kind: "head",
    name: "counting",
    summary: "counts",
    options: z.strictObject({}),
    async create(_options, args, factory) {
      const made = await factory.create("head", { use: "affinity", ...HEAD }, args);
      return {
        ...made,
        forward: (...inputs) => {
          count.runs++;
          return made.forward(...inputs);
        },
      };
    },
  });
  return { head, count };
}

Deno.test("a stage that is read for several numbers is named once among those it reads", async () => {
  const found = { from: "found" };
  const refinements = [
    { use: "power-background", power: found },
    { use: "random-walk", from: "aff", beta: found, logt: found },
  ];
  const registry = new Registry(plugins);
  for (const run of ["refine", "segment"] as const) {
    const stage = await registry.create(
      "stage",
      { run, from: "cams", split: SPLIT, refinements } as unknown as Use<"stage">,
      undefined,
    );
    assertEquals(stage.from.toSorted(), ["aff", "cams", "found"]);
  }
});

Deno.test("beta and steps of a walk are chosen with one run of the network an image, and taken by a later walk", async () => {
  await withFolder(async (folder) => {
    const { head, count } = countingHead();
    const extra = { plugins: [madeCamsStage, head] };
    const cams = { id: "cams", run: "made-cams", split: SPLIT };
    const net = { id: "aff", run: "untrained", backbone: "tiny", head: "counting" };
    const background = { use: "power-background", power: 0.4 };
    const walk = (beta: unknown, logt: unknown) => ({
      use: "random-walk",
      from: "aff",
      beta,
      logt,
    });
    const refine = (id: string, beta: unknown, logt: unknown) => ({
      id,
      run: "refine",
      from: "cams",
      refinements: [background, walk(beta, logt)],
    });
    const score = (id: string, from: string) => ({
      id,
      run: "evaluate",
      from,
      metric: { use: "miou", predictions: "masks" },
    });
    const choose = {
      id: "found",
      run: "choose",
      from: "cams",
      refinements: [background, { use: "random-walk", from: "aff" }],
      values: { "random-walk.beta": [1, 12], "random-walk.logt": [0, 4] },
    };
    await runScene(folder, [cams, net, choose], extra);
    assertEquals(count.runs, NAMES.length);
    const pairs = [[1, 0], [1, 4], [12, 0], [12, 4]] as const;
    const found = { from: "found" };
    await runScene(folder, [
      cams,
      net,
      choose,
      ...pairs.flatMap(([beta, logt], i) => [
        refine(`masks${i}`, beta, logt),
        score(`score${i}`, `masks${i}`),
      ]),
      refine("following", found, found),
    ], extra);
    const mious = await Promise.all(
      pairs.map(async (_, i) => (await readResult(`${folder}/score${i}`)).table.summary["miou"]!),
    );
    assert(new Set(mious).size > 1, `settings differ: ${mious}`);
    const best = mious.indexOf(Math.max(...mious));
    const [beta, logt] = pairs[best]!;
    const { table: { summary } } = await readResult(`${folder}/found`);
    assertEquals(summary, {
      miou: mious[best]!,
      "random-walk.beta": beta,
      "random-walk.logt": logt,
    });
    for (const name of NAMES) {
      assertEquals(
        await readMask(`${folder}/following/masks`, name, 6),
        await readMask(`${folder}/masks${best}/masks`, name, 6),
      );
    }
  });
});
