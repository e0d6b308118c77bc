import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { decodePng } from "../../../plugins/images/png.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { miouMetric } from "../../../plugins/metrics/miou.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { AlphaCounts, ALPHAS, imageIou } from "../../../plugins/studio/alpha_counts.ts";
import type { SplitScores } from "../../../plugins/studio/split_scores.ts";
import { addTrainingCams } from "../observers/report_run.ts";
import { json, withStudio } from "./studio_run.ts";
import * as page from "../../../plugins/studio/page/scores.js";

const CLASSES = ["a", "b", "c"];

/** Values between 0 and 1 that are the same every time, many of them exactly at thresholds. */
function numbers(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 7919 + seed * 104729) % 1001) / 1000);
}

Deno.test("counts give the mIoU that evaluate gives, at every threshold, on the server and in the page", async () => {
  const registry = new Registry([mini, miouMetric]);
  const metric = await registry.create("metric", {
    use: "miou",
    alpha: { sweep: [0, 1, 0.01] },
  }, undefined);
  const score = metric.start(CLASSES);
  const counts = new AlphaCounts(CLASSES.length);
  for (let image = 0; image < 4; image++) {
    const maps = new Map([
      [2, Float32Array.from(numbers(400, image))],
      [0, Float32Array.from(numbers(400, image + 9))],
    ]);
    const mask = Uint8Array.from(
      numbers(400, image + 5),
      (v) => v > 0.95 ? 255 : Math.floor(v * 4),
    );
    const label = Float32Array.of(1, 0, 1);
    score.add({ name: `${image}`, width: 20, height: 20, cams: maps, truth: { label, mask } });
    counts.addCams(maps, mask);
  }
  const curve = score.table().curves!["mIoU (%) by alpha"]!;
  assertEquals(curve.length, ALPHAS.length);
  for (const [i, [alpha, miou]] of curve.entries()) {
    assertEquals(alpha, ALPHAS[i]);
    const matrix = page.confusionAt(counts.cells(), CLASSES.length, i);
    assertAlmostEquals(page.splitMiou(matrix), miou, 1e-9, `alpha ${alpha}`);
    assertEquals(matrix, counts.confusion(i).map((row) => [...row]));
    assertAlmostEquals(page.imageMiou(matrix)!, imageIou(counts.confusion(i))!, 1e-9);
  }
});

Deno.test("runs of several seeds are told as mean and deviation of the sample, one as itself", () => {
  assertEquals(page.spread([52, 55, 58]), { mean: 55, deviation: 3 });
  assertEquals(page.spread([52]).mean, 52);
  assertEquals(page.spread([52]).deviation, undefined);
});

Deno.test("a difference that rounds to nothing is neither better nor worse", () => {
  assertEquals([0.04, -0.04, 0.06, -1].map(page.signed), [
    { text: "0.0", kind: "" },
    { text: "0.0", kind: "" },
    { text: "+0.1", kind: "better" },
    { text: "−1.0", kind: "worse" },
  ]);
});

Deno.test("masks are counted whatever the threshold; 255 of the truth is left out", () => {
  const counts = new AlphaCounts(2);
  counts.addMask(Uint8Array.of(1, 2, 255, 0, 1), Uint8Array.of(1, 1, 2, 0, 255));
  const expected = [[1, 0, 0], [0, 1, 1], [1, 0, 0]];
  for (const index of [0, 50, 100]) {
    assertEquals(counts.confusion(index).map((row) => [...row]), expected);
  }
});

Deno.test("images, maps and scores of a run are told exactly", async () => {
  await withStudio(async (get) => {
    const splits = await json<
      { split: string; sources: { stage: string; split: string; alpha: number }[] }[]
    >(
      get,
      "runs/fake/splits.json",
    );
    assertEquals(splits.map(({ split }) => split), ["val[0:8]"]);
    assertEquals(splits[0]!.sources.map(({ stage }) => stage), ["baseline-cams", "seam-cams"]);
    assertEquals(splits[0]!.sources[0]!.alpha, 0.3);
    assertEquals(splits[0]!.sources[0]!.split, "val[0:8]");
    const place = "runs/fake/splits/0";
    const { images } = await json<{ images: { name: string; classes: number[] }[] }>(
      get,
      `${place}/images.json`,
    );
    assertEquals(images.length, 8);
    const facts = await json<{ maps: { classes: number[] }[] }>(
      get,
      `${place}/images/1/image.json`,
    );
    assertEquals(facts.maps[1]!.classes, images[1]!.classes);
    const file = async (name: string) =>
      decodePng(
        new Uint8Array(await (await get(`data/${place}/images/1/${name}`)).arrayBuffer()),
        name,
      ).raster;
    const truth = await file("truth.png"), map = await file("map-1.png");
    assertEquals(map.height, 64 * images[1]!.classes.length);
    const [c] = images[1]!.classes;
    for (let i = 0; i < 64 * 64; i++) {
      const value = (256 * map.data[3 * i]! + map.data[3 * i + 1]!) / 65535;
      const wanted = truth.data[3 * i] === c! + 1 ? 0.9 : 0.1;
      assertAlmostEquals(value, wanted, 3e-4);
    }
    let scores: SplitScores;
    do {
      scores = await json(get, `${place}/scores-0.json`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    } while (scores.done < scores.total);
    // Its CAMs are the truth.
    assertEquals(scores.images.map(({ miou }) => miou), Array(8).fill(100));
    assertEquals(scores.alpha, 0.3);
    assert(scores.cells.length > 2);
  });
});

Deno.test("CAMs of a stage that is at work are shown as they come", async () => {
  await withStudio(async (get, runs) => {
    const stage = `${runs}/fake/stages/seam-cams`;
    const recipe = JSON.parse(await Deno.readTextFile(`${runs}/fake/recipe.yaml`));
    recipe.dataset = { use: "mini" };
    const infer = recipe.stages.find(({ id }: { id: string }) => id === "seam-cams");
    Object.assign(infer, { from: "seam", split: "val[0:8]", output: "cam_rv" });
    await Deno.writeTextFile(`${runs}/fake/recipe.yaml`, JSON.stringify(recipe));
    await Deno.writeTextFile(`${runs}/fake/manifest.json`, JSON.stringify({ base: "/" }));
    // What a stage has written before its first image: the marker of its settings.
    await Deno.writeTextFile(`${stage}/stage.json`, JSON.stringify({ fingerprint: "x" }));
    const files = (await Array.fromAsync(Deno.readDir(`${stage}/cams`))).map(({ name }) => name);
    for (const name of files.sort().slice(3)) await Deno.remove(`${stage}/cams/${name}`);
    const splits = await json<{ sources: { stage: string; finished: boolean }[] }[]>(
      get,
      "runs/fake/splits.json",
    );
    assertEquals(splits.length, 1);
    assertEquals(splits[0]!.sources.map(({ stage, finished }) => [stage, finished]), [
      ["baseline-cams", true],
      ["seam-cams", false],
    ]);
    const maps = async (index: number) =>
      (await json<{ maps: { source: number }[] }>(
        get,
        `runs/fake/splits/0/images/${index}/image.json`,
      )).maps.map(({ source }) => source);
    assertEquals([await maps(2), await maps(3)], [[0, 1], [0]]);
  });
});

Deno.test("a data set that is gone is said, and the run's numbers are there all the same", async () => {
  await withStudio(async (get, runs) => {
    const path = `${runs}/fake/stages/seam-cams/stage.json`;
    for (const stage of ["baseline-cams", "seam-cams"]) {
      const file = `${runs}/fake/stages/${stage}/stage.json`;
      const marker = JSON.parse(await Deno.readTextFile(file));
      marker.artifact.info.dataset = { use: "of-a-stranger" };
      await Deno.writeTextFile(file, JSON.stringify(marker));
    }
    const response = await get("data/runs/fake/splits/0/images.json");
    assertEquals(response.status, 422);
    assert(/Cannot show images of val\[0:8\]: .*of-a-stranger/.test((await response.json()).error));
    await Deno.writeTextFile(path, "{");
    const run = await json<{ stages: { id: string; state: string }[] }>(get, "runs/fake/run.json");
    assertEquals(run.stages.find(({ id }) => id === "seam-cams")?.state, "begun");
  });
});

Deno.test("CAMs that a training stores while it goes on are shown, of the first step and of the newest", async () => {
  await withStudio(async (get, runs) => {
    assertEquals(await json(get, "runs/fake/trainings.json"), []);
    await addTrainingCams(`${runs}/fake`, "baseline");
    // While it goes on: the marker of its settings alone.
    const stage = `${runs}/fake/stages/baseline`;
    await Deno.writeTextFile(`${stage}/stage.json`, JSON.stringify({ fingerprint: "x" }));
    const [training, ...others] = await json<Record<string, unknown>[]>(
      get,
      "runs/fake/trainings.json",
    );
    assertEquals(others, []);
    const { images, classes, ...rest } = training!;
    assertEquals(rest, { stage: "baseline", steps: [10, 90], output: "cam", split: "val[0:8]" });
    assertEquals((images as { index: number }[]).map(({ index }) => index), [1, 4]);
    assertEquals((classes as string[]).length, 6);
    const place = "runs/fake/trainings/0/images/4";
    const facts = await json<{ maps: { source: number }[] }>(get, `${place}/image.json`);
    assertEquals(facts.maps.map(({ source }) => source), [0, 1]);
    const most = async (name: string) => {
      const file = new Uint8Array(await (await get(`data/${place}/${name}`)).arrayBuffer());
      return Math.max(...decodePng(file, name).raster.data);
    };
    assertEquals([await most("map-0.png"), await most("map-1.png")], [0, 255]);
    for (const path of ["trainings/1/images/4/image.json", "trainings/0/scores-0.json"]) {
      const response = await get(`data/runs/fake/${path}`);
      assertEquals(response.status, 404);
      await response.body?.cancel();
    }
    // Stages that made CAMs are what they were: these are no split's.
    const splits = await json<{ sources: unknown[] }[]>(get, "runs/fake/splits.json");
    assertEquals(splits.map(({ sources }) => sources.length), [2]);
    // A run of a stranger, or one that was killed in the middle of it.
    await Deno.writeTextFile(`${stage}/cams/cams.json`, '{"split":');
    assertEquals(await json(get, "runs/fake/trainings.json"), []);
  });
});
