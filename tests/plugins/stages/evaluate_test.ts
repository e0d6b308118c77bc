import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { readCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { predict } from "../../../plugins/stages/evaluate/predict.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { network, runScene, withFolder } from "./scene.ts";

const SPLIT = "val[0:5]";
const infer = { id: "cams", run: "infer", from: "net", split: SPLIT, scales: [1], flip: false };
const evaluate = {
  id: "score",
  run: "evaluate",
  from: "cams",
  metric: [{ use: "miou", alpha: 0.3 }, "multilabel"],
};

Deno.test("evaluate scores CAMs against the masks and says on what, in three formats", async () => {
  await withFolder(async (folder) => {
    const { announced } = await runScene(folder, [network("net", "seam"), infer, evaluate]);
    const { table, about } = await readResult(`${folder}/score`);
    assertEquals(about, {
      stage: "score",
      from: "cams",
      checkpoint: "net",
      output: "cam_rv",
      split: SPLIT,
      images: 5,
      maskScale: 1,
    });
    assertEquals(announced.at(-1), {
      stage: "score",
      kind: "table",
      path: "stages/score/table.json",
      table,
    });
    assertEquals(table.columns, ["class", "IoU (%)", "AP (%)", "images"]);
    assertEquals(table.rows.length, 8);
    assertEquals(table.rows.at(-1)![0], "mean");
    assertEquals(table.title, `score: cam_rv of net on ${SPLIT}, 5 images`);
    assertStringIncludes(table.note, "alpha 0.3, fixed");
    assertEquals(table.threshold, { value: 0.3, how: "fixed" });
    const markdown = await Deno.readTextFile(`${folder}/score/table.md`);
    assertStringIncludes(markdown, "| background | ");
    assertStringIncludes(markdown, `| ${SPLIT} | 5 | score | cam_rv of net | 0.30 | fixed |`);
    const csv = await Deno.readTextFile(`${folder}/score/table.csv`);
    assertStringIncludes(csv, `,${SPLIT},5,score,cam_rv of net,0.3,fixed,"alpha 0.3, fixed`);

    // The background's IoU once more, straight from the files.
    const dataset = await new Registry([mini])
      .create("dataset", { use: "mini", size: 32 }, { split: SPLIT, base: "/" });
    let right = 0, either = 0;
    for (let i = 0; i < dataset.length; i++) {
      const mask = (await dataset.read(i, { mask: true })).mask!;
      const { cams } = await readCams(`${folder}/cams/cams`, dataset.name(i));
      mask.data.forEach((label, p) => {
        const active = [...cams!.maps.values()].some((map) => map[p]! > Math.fround(0.3));
        if (label === 255) return;
        if (label === 0 && !active) right++;
        if (label === 0 || !active) either++;
      });
    }
    assertAlmostEquals(table.rows[0]![1] as number, 100 * right / either, 1e-9);
  });
});

Deno.test("evaluate brings CAMs and masks to the size it is told, and says so", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, [
      network("net", "cam"),
      { ...infer, longSide: 20 },
      { ...evaluate, metric: "miou", maskScale: 0.5 },
    ]);
    const { table } = await readResult(`${folder}/score`);
    assertStringIncludes(
      table.note,
      "scored at 0.5 of the mask's size, CAMs of another size resized bilinearly",
    );
  });
});

Deno.test("predict resizes masks by nearest neighbour and CAMs bilinearly", async () => {
  const map = Float32Array.of(0, 1, 0, 1);
  const mask = { width: 8, height: 4, channels: 1, data: new Uint8Array(32).fill(3) };
  const { width, height, cams, truth } = await predict(
    "a",
    { cams: { width: 2, height: 1, maps: new Map([[2, map.slice(0, 2)]]) } },
    { label: Float32Array.of(0, 0, 1), mask },
    { maskScale: 0.5, longSide: 2 },
  );
  assertEquals([width, height], [4, 2]);
  assertEquals(truth.mask, new Uint8Array(8).fill(3));
  const wanted = [0, 0.25, 0.75, 1, 0, 0.25, 0.75, 1];
  cams!.get(2)!.forEach((value, i) => assertAlmostEquals(value, wanted[i]!, 1e-6));
});

Deno.test("predict refuses CAMs and masks of another size than the ground truth's, which resizing would hide", async () => {
  const truth = {
    label: Float32Array.of(1),
    mask: { width: 8, height: 4, channels: 1, data: new Uint8Array(32) },
  };
  const cams = { width: 4, height: 8, maps: new Map([[0, new Float32Array(32)]]) };
  await assertRejects(
    () => predict("dog", { cams }, truth, { maskScale: 1 }),
    RangeError,
    "Cannot score dog: its CAMs are 4x8, its ground truth is 8x4",
  );
  await assertRejects(
    () => predict("dog", { cams }, truth, { maskScale: 1, longSide: 4 }),
    RangeError,
    "its CAMs are 4x8, its ground truth is 8x4, which makes CAMs of 4x2",
  );
  await assertRejects(
    () =>
      predict("dog", { mask: { ...truth.mask, width: 16, height: 2 } }, truth, { maskScale: 1 }),
    RangeError,
    "Cannot score dog: its predicted mask is 16x2, its ground truth is 8x4",
  );
});

Deno.test("evaluate scores a part of the inferred split, and refuses images that were not inferred", async () => {
  await withFolder(async (folder) => {
    const stages = [network("net", "cam"), infer];
    await runScene(folder, [...stages, { ...evaluate, split: "val[1:3]" }]);
    assertEquals((await readResult(`${folder}/score`)).about.images, 2);
    await assertRejects(
      () => runScene(folder, [...stages, { ...evaluate, id: "more", split: "val[4:7]" }]),
      RangeError,
      'Cannot plan stage more: image mini_0605 of its split val[4:7] is not among the 5 of stage "cams", split val[0:5]',
    );
  });
});

Deno.test("evaluate refuses a metric that reads what was not kept, and stages that leave no CAMs", async () => {
  await withFolder(async (folder) => {
    await assertRejects(
      () => runScene(folder, [network("net", "cam"), { ...infer, save: ["scores"] }, evaluate]),
      TypeError,
      'Cannot plan stage score: its metric reads cams, stage "cams" keeps scores',
    );
    await assertRejects(
      () => runScene(folder, [network("net", "cam"), { ...evaluate, from: "net", split: SPLIT }]),
      TypeError,
      "which runs untrained and gives checkpoint",
    );
    assert([...Deno.readDirSync(folder)].length === 0);
  });
});

Deno.test("evaluate names the file where the CAMs of an image are gone", async () => {
  await withFolder(async (folder) => {
    const stages = [network("net", "cam"), infer];
    await runScene(folder, stages);
    await Deno.remove(`${folder}/cams/cams/mini_0602.safetensors`);
    await assertRejects(
      () => runScene(folder, [...stages, evaluate]),
      Deno.errors.NotFound,
      "cams/mini_0602.safetensors",
    );
  });
});
