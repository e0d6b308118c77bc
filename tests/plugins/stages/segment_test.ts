import * as z from "zod";
import { removeTemporaries } from "../../../core/run/atomic.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { Observer } from "../../../core/contracts/observer.ts";
import { isUserError } from "../../../core/errors.ts";
import { decodePng } from "../../../plugins/images/png.ts";
import { readMask } from "../../../plugins/images/mask_store.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { contents } from "../../folders.ts";
import { network, runScene, withFolder } from "./scene.ts";

const SPLIT = "val[0:6]";
const NAMES = Array.from({ length: 6 }, (_, i) => `mini_060${i}`);
const net = {
  ...network("net", "cam"),
  head: { use: "deeplabv1", channels: 8, dilation: 3 },
};
const segment = { id: "masks", run: "segment", from: "net", split: SPLIT, scales: [0.5, 1] };
const crf = { use: "dense-crf", iterations: 1, bilateral: { sxy: 32 }, workers: 0 };

const run = (
  folder: string,
  stages: readonly Record<string, unknown>[],
  observer: Observer = {},
) => runScene(folder, stages, { observer });

function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("segment leaves a palette PNG of every image, which evaluate scores", async () => {
  await withFolder(async (folder) => {
    const score = {
      id: "score",
      run: "evaluate",
      from: "masks",
      metric: { use: "miou", predictions: "masks" },
    };
    const { artifacts, announced } = await run(folder, [net, segment, score]);
    const { kind, info } = artifacts.get("masks")!;
    assertEquals(
      [kind, info["masks"], info["split"], info["checkpoint"], info["images"]],
      ["masks", "masks", SPLIT, "net", 6],
    );
    assertEquals(announced[0], { stage: "masks", kind: "masks", path: "stages/masks/masks" });
    assertEquals(filesOf(`${folder}/masks/masks`), NAMES.map((name) => `${name}.png`));
    for (const name of NAMES) {
      const path = `${folder}/masks/masks/${name}.png`;
      const { raster, palette } = decodePng(await Deno.readFile(path), path);
      assertEquals([raster.width, raster.height, palette?.[1]], [32, 32, [128, 0, 0]]);
      assert(raster.data.every((label) => label <= 6));
    }
    assertEquals(artifacts.get("score")!.info["output"], "segmentation");
    const note = announced[1]!.table!.note;
    assert(note.includes("made by scales 0.5, 1, mirrored too"), note);
  });
});

Deno.test("segment's scales, average and refinements change the masks", async () => {
  await withFolder(async (folder) => {
    const variants = [
      segment,
      { ...segment, id: "one", scales: [1], flip: false },
      { ...segment, id: "crf", refinements: [crf] },
    ];
    await run(folder, [net, ...variants]);
    const plain = await contents(`${folder}/masks/masks`);
    assertNotEquals(await contents(`${folder}/one/masks`), plain);
    assertNotEquals(await contents(`${folder}/crf/masks`), plain);
  });
});

Deno.test("segment, killed between images, continues with the missing ones and ends with the same files", async () => {
  await withFolder(async (folder) => {
    const stages = [net, { ...segment, refinements: [crf] }];
    const kill = {
      progress: ({ done }: { readonly done: number }) => {
        if (done === 2) throw new Error("killed");
      },
    };
    await assertRejects(() => run(folder, stages, kill), Error, "killed");
    const stored = `${folder}/masks/masks`;
    const first = await contents(stored);
    const left = Object.keys(first).length;
    assert(left >= 2 && left < 6, String(left));
    // What a kill in the middle of a write leaves.
    await Deno.writeTextFile(`${stored}/${NAMES[5]}.png.0123abcd.tmp`, "half");
    const counts: number[] = [];
    await run(folder, stages, { progress: ({ done }) => void counts.push(done) });
    assertEquals(counts, Array.from({ length: 7 - left }, (_, i) => left + i));
    // The stage takes it for no mask; a run removes it as it opens its folder.
    await removeTemporaries(stored);
    await withFolder(async (whole) => {
      await run(whole, stages);
      assertEquals(await contents(stored), await contents(`${whole}/masks/masks`));
    });
  });
});

Deno.test("segment needs neither labels nor masks of its split", async () => {
  const bare = definePlugin({
    kind: "dataset",
    name: "bare",
    summary: "photographs alone",
    options: z.strictObject({}),
    create: async (_options, args, factory): Promise<Dataset> => {
      assertEquals(args.unlabelled ?? false, args.split === "test", args.split);
      const dataset = await factory.create("dataset", { use: "mini", size: 32 }, {
        ...args,
        split: SPLIT,
      });
      return {
        classes: dataset.classes,
        length: dataset.length,
        name: (i) => dataset.name(i),
        label: () => new Float32Array(6),
        read: async (i, want) => {
          assert(!want.mask);
          return { ...await dataset.read(i, want), label: new Float32Array(6) };
        },
        check: (want) => Promise.resolve(assert(!want.mask)),
        fingerprint: () => Promise.resolve("bare"),
      };
    },
  });
  await withFolder(async (folder) => {
    const stages = [net, { ...segment, split: "test" }, {
      id: "hand-in",
      run: "export-test",
      from: "masks",
    }];
    const { artifacts } = await runScene(folder, stages, {
      plugins: [bare],
      dataset: { use: "bare" },
    });
    assertEquals(artifacts.get("hand-in")!.info["images"], 6);
    assertEquals((await readMask(`${folder}/masks/masks`, NAMES[0]!, 6)).width, 32);
  });
});

Deno.test("segment refuses, before anything runs, a network of CAMs and refinements that add a background", async () => {
  await withFolder(async (folder) => {
    const error = await assertRejects(
      () => run(folder, [network("net", "cam"), segment]),
      TypeError,
      'Cannot plan stage masks: stage "net" has no output segmentation; its head gives cam',
    );
    assert(isUserError(error));
    await assertRejects(
      () => run(folder, [net, { ...segment, refinements: ["power-background"] }]),
      TypeError,
      "refinement power-background adds a background, which the scores have already",
    );
    assertEquals(filesOf(folder), []);
  });
});
