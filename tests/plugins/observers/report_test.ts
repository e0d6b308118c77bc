import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { writeCams } from "../../../core/cam_store.ts";
import { writeMask } from "../../../core/mask_store.ts";
import { parse } from "@std/yaml";
import { isMistake } from "../../../core/errors.ts";
import { decodePng } from "../../../core/image/png.ts";
import { Registry } from "../../../core/registry.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { reportObserver } from "../../../plugins/observers/report.ts";
import { classColours, paintMask } from "../../../plugins/observers/report/pictures.ts";
import { writeResult } from "../../../plugins/stages/evaluate/write_table.ts";

const registry = new Registry([mini, reportObserver]);
const CLASSES = ["red", "green", "blue", "cyan", "pink", "lime"];
const SPLIT = "val[0:8]";
/** Of the data set that the pictures come from. */
const CLASSES_OF_MINI =
  (await registry.create("dataset", { use: "mini" }, { split: SPLIT, base: "/" }))
    .classes;

/** What differs from run to run in these tests. */
interface Fake {
  readonly maps: Readonly<Record<"baseline" | "seam", number>>;
  readonly dataset?: Record<string, unknown>;
  readonly summary?: string;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value));
}

/** Writes a run folder as a run of two networks leaves it. */
async function fakeRun(folder: string, fake: Fake): Promise<void> {
  const use = fake.dataset ?? { use: "mini" };
  const dataset = await registry.create("dataset", { use: "mini" }, { split: SPLIT, base: "/" });
  const stages: { id: string; run: string }[] = [];
  const lines: unknown[] = [];
  for (const [n, [net, map]] of Object.entries(fake.maps).entries()) {
    const output = n === 0 ? "cam" : "cam_rv";
    const cams = `${net}-cams`, score = `${net}-score`;
    stages.push({ id: net, run: "train" }, { id: cams, run: "infer" }, {
      id: score,
      run: "evaluate",
    });
    for (const id of [net, cams, score]) {
      await Deno.mkdir(`${folder}/stages/${id}/cams`, { recursive: true });
      lines.push({ event: "stage", stage: id, state: "finished", seconds: 61 });
    }
    for (let step = 1; step <= 100; step++) {
      const losses = { loss: 1 / step + n, classification: 1 / step };
      lines.push({ event: "step", stage: net, step, losses });
    }
    const info = { cams: "cams", split: SPLIT, dataset: use, base: "/", output, checkpoint: net };
    await writeJson(`${folder}/stages/${cams}/stage.json`, { artifact: { kind: "cams", info } });
    for (let i = 0; i < dataset.length; i++) {
      const { image, label, mask } = await dataset.read(i, { mask: true });
      const maps = [...label.keys()].filter((c) => label[c]! > 0).map((c) =>
        [
          c,
          Float32Array.from(mask!.data, (value) => value === c + 1 ? 0.9 : 0.1),
        ] as const
      );
      await writeCams(`${folder}/stages/${cams}/cams`, dataset.name(i), {
        cams: { width: image.width, height: image.height, maps: new Map(maps) },
      });
    }
    const about = { stage: score, from: cams, checkpoint: net, output, split: SPLIT };
    await writeResult(`${folder}/stages/${score}`, {
      table: {
        title: score,
        columns: ["class", "IoU (%)"],
        rows: [...["background", ...CLASSES].map((name) => [name, 40 + 10 * n]), ["mean", 48]],
        summary: { miou: 49.3 + 11 * n, map, alpha: 0.3 },
        note: "alpha 0.3, best on this split (oracle)",
        absent: ["lime"],
        curves: { "mIoU (%) by alpha": [[0, 20], [0.3, 49.3 + 11 * n], [0.6, 30]] },
      },
      about: { ...about, images: 8, maskScale: 1 },
    });
    await writeJson(`${folder}/stages/${score}/stage.json`, {
      artifact: { kind: "table", info: {} },
    });
  }
  const recipe = { name: "fake", summary: fake.summary ?? "Two networks", stages };
  // JSON is YAML.
  await writeJson(`${folder}/recipe.yaml`, recipe);
  await writeJson(`${folder}/manifest.json`, { commit: "abc123", backend: "wasm", device: "toy" });
  const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
  await Deno.writeTextFile(`${folder}/metrics.jsonl`, text + '{"event":"st');
}

/** Makes a fake run and gives it to the test, with a function that writes and reads its report. */
async function withRun(
  fake: Fake,
  fn: (
    folder: string,
    write: (options: Record<string, unknown>, leftOut?: readonly string[]) => Promise<string>,
  ) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await fakeRun(folder, fake);
    await fn(folder, async (options, leftOut = []) => {
      const use = { use: "report", ...options };
      const observer = await registry.create("observer", use, { folder, resumed: false });
      for (const stage of leftOut) {
        await observer.stage?.({ stage, plugin: "refine", state: "left out" });
      }
      await observer.end?.({ seconds: 1 });
      return await Deno.readTextFile(`${folder}/report.html`);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes a fake run's report and gives it to the test. */
function withReport(
  fake: Fake,
  options: Record<string, unknown>,
  fn: (page: string) => void | Promise<void>,
): Promise<void> {
  return withRun(fake, async (_folder, write) => await fn(await write(options)));
}

/** Fails where elements are not closed in order. */
function checkNesting(page: string): void {
  const open: string[] = [];
  for (const [, close, name, empty] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (["meta", "img", "br"].includes(name!) || empty) continue;
    if (close) assertEquals(open.pop(), name);
    else open.push(name!);
  }
  assertEquals(open, []);
}

function pictures(page: string) {
  return [...page.matchAll(/<img[^>]*src="data:image\/png;base64,([^"]+)"[^>]*alt="([^"]+)"/g)]
    .map(([, base64, alt]) => ({
      alt: alt!,
      image: decodePng(Uint8Array.fromBase64(base64!), alt!).raster,
    }));
}

Deno.test("the report puts mAP beside mIoU, states the gain and how alpha was chosen", async () => {
  await withReport({ maps: { baseline: 97.5, seam: 98.1 } }, {}, (page) => {
    checkNesting(page);
    assertStringIncludes(page, "seam, cam_rv reaches 60.3 % mIoU, 11.0 points above baseline, cam");
    assertStringIncludes(page, "+11.0 points of mIoU (+22.3 % relative)");
    assertStringIncludes(page, "alpha 0.3, best on this split (oracle)");
    assertStringIncludes(page, "val[0:8], 8 images");
    for (const number of ["49.3", "60.3", "97.5", "98.1", "abc123"]) {
      assertStringIncludes(page, number);
    }
    assert(!page.includes("</strong>"), "nothing failed");
  });
});

Deno.test("the report of a failed classifier says so first, and states no gain", async () => {
  await withReport({ maps: { baseline: 97.5, seam: 71.2 } }, {}, (page) => {
    checkNesting(page);
    assertStringIncludes(page, "A classifier failed: these scores are no result");
    assertStringIncludes(page, "seam, cam_rv: classification mAP 71.2 %, below 90.0 %");
    assert(page.indexOf("A classifier failed") < page.indexOf("<table>"));
    assert(!/\+11\.0|relative\)|points above/.test(page), "no gain may be stated");
  });
  await withReport({ maps: { baseline: 97.5, seam: 71.2 } }, { minMap: 0.7 }, (page) => {
    assertStringIncludes(page, "points above baseline");
  });
});

Deno.test("the report needs nothing outside itself and runs no script", async () => {
  await withReport({ maps: { baseline: 97, seam: 98 } }, {}, (page) => {
    assert(!/<script|<link|<iframe|@import|url\(|\son\w+=/i.test(page));
    for (const [, source] of page.matchAll(/(?:src|href)="([^"]*)"/g)) {
      assert(source!.startsWith("data:image/png;base64,"), source);
    }
    assertStringIncludes(page, 'content="default-src &#39;none&#39;;');
    for (const [tag] of page.matchAll(/<img[^>]*>/g)) assert(/alt="[^"]+"/.test(tag));
    for (const [tag] of page.matchAll(/<th [^>]*>/g)) assertStringIncludes(tag, "scope=");
    for (const [svg] of page.matchAll(/<svg viewBox="0 0 360[^>]*>/g)) {
      assertStringIncludes(svg, 'role="img" aria-label="');
    }
  });
});

Deno.test("the report's sheet shows image, truth, CAMs and pseudo masks of the data set's pictures", async () => {
  const options = { sheet: { cams: ["seam-cams"], images: 3 } };
  await withReport({ maps: { baseline: 97, seam: 98 } }, options, async (page) => {
    const all = pictures(page);
    assertEquals(all.map(({ alt }) => alt.replace(/ of mini_\d+$/, "")).slice(0, 4), [
      "image",
      "truth",
      "CAM: seam, cam_rv",
      "pseudo mask: seam, cam_rv, alpha 0.3",
    ]);
    assertEquals(all.length, 12);
    const dataset = await registry.create("dataset", { use: "mini" }, { split: SPLIT, base: "/" });
    const { image, mask, label } = await dataset.read(0, { mask: true });
    assertEquals(all[0]!.image.data, image.data);
    // These CAMs are the truth of the labelled classes, so the pseudo mask must be painted as the truth is.
    const labelled = (value: number) => value > 0 && label[value - 1]! > 0;
    mask!.data.forEach((value, i) => {
      if (!labelled(value)) return;
      const at = (raster: { data: ArrayLike<number> }) =>
        [0, 1, 2].map((c) => raster.data[3 * i + c]);
      assertEquals(at(all[1]!.image), at(all[3]!.image));
      const [red, green, blue] = classColours(6)[value - 1]!;
      const [r, g, b] = at(all[1]!.image) as [number, number, number];
      assertEquals(Math.sign(r - g), Math.sign(red - green));
      assertEquals(Math.sign(g - b), Math.sign(green - blue));
    });
  });
});

/** Adds a stage that made masks, the truth moved by a class, of the images from a number on, and its score. */
async function addMasks(folder: string, id: string, split: string, first: number): Promise<void> {
  const dataset = await registry.create("dataset", { use: "mini" }, { split, base: "/" });
  const masks = `${folder}/stages/${id}/masks`;
  await Deno.mkdir(masks, { recursive: true });
  for (let i = first; i < dataset.length; i++) {
    const { mask } = await dataset.read(i, { mask: true });
    const data = Uint8Array.from(mask!.data, (label) => label === 0 ? 0 : 1 + label % 6);
    await writeMask(masks, dataset.name(i), { ...mask!, data });
  }
  const info = { masks: "masks", split };
  await writeJson(`${folder}/stages/${id}/stage.json`, { artifact: { kind: "masks", info } });
  const score = `${id}-score`, images = dataset.length;
  await Deno.mkdir(`${folder}/stages/${score}`);
  await writeResult(`${folder}/stages/${score}`, {
    table: { title: score, columns: [], rows: [], summary: { miou: 70.1 }, note: "as predicted" },
    about: { stage: score, from: id, checkpoint: id, output: id, split, images, maskScale: 1 },
  });
  await writeJson(`${folder}/stages/${score}/stage.json`, {
    artifact: { kind: "table", info: {} },
  });
  const path = `${folder}/recipe.yaml`;
  const recipe = parse(await Deno.readTextFile(path)) as { stages: unknown[] };
  recipe.stages.push({ id, run: "refine" }, { id: score, run: "evaluate" });
  await writeJson(path, recipe);
}

Deno.test("the report's sheet shows masks of the stages that were scored on the same images", async () => {
  await withRun({ maps: { baseline: 97, seam: 98 } }, async (folder, write) => {
    await addMasks(folder, "walk", SPLIT, 3);
    await addMasks(folder, "elsewhere", "val[20:22]", 0);
    const page = await write({ sheet: { cams: ["seam-cams"], images: 2 } });
    checkNesting(page);
    assertStringIncludes(page, "walk reaches 70.1 % mIoU, 20.8 points above baseline, cam");
    assertStringIncludes(page, "no classifier");
    assertStringIncludes(page, "other images");
    const shown = pictures(page);
    const dataset = await registry.create("dataset", { use: "mini" }, { split: SPLIT, base: "/" });
    assert(!page.includes(`alt="image of ${dataset.name(0)}"`), "walk has no mask of it");
    assert(!page.includes("mask: elsewhere"), "it worked on other images");
    const name = shown[0]!.alt.slice("image of ".length);
    const i = Array.from({ length: dataset.length }, (_, i) => i)
      .find((i) => dataset.name(i) === name)!;
    const { image, mask } = await dataset.read(i, { mask: true });
    const moved = Uint8Array.from(mask!.data, (label) => label === 0 ? 0 : 1 + label % 6);
    assertEquals(
      shown.find(({ alt }) => alt === `mask: walk of ${name}`)!.image,
      paintMask(image, moved, classColours(6)),
    );
  });
});

Deno.test("the report leaves out scores of stages that the run left out: they are of other settings", async () => {
  await withRun({ maps: { baseline: 97, seam: 98 } }, async (folder, write) => {
    await addMasks(folder, "walk", SPLIT, 0);
    const leftOut = ["walk", "walk-score"];
    const page = await write({ sheet: { images: 1 } }, leftOut);
    assert(!page.includes(">70.1<"));
    assert(!page.includes("mask: walk"));
    assertStringIncludes(
      page,
      '<th scope="row">walk-score</th><td>evaluate</td><td>not finished</td>',
    );
  });
});

Deno.test("the report draws one chart a loss and the mIoU by alpha", async () => {
  await withReport({ maps: { baseline: 97, seam: 98 } }, { sheet: { images: 0 } }, (page) => {
    const titles = [...page.matchAll(/<figure class="chart"><figcaption>([^<]+)/g)]
      .map(([, title]) => title);
    assertEquals(titles, ["mIoU (%) by threshold alpha", "total loss", "classification"]);
    assertStringIncludes(page, "best 60.3 at 0.300");
    assert(!/NaN|Infinity|undefined/.test(page));
  });
});

Deno.test("the report is written without pictures where the data set is gone", async () => {
  const fake = { maps: { baseline: 97, seam: 98 }, dataset: { use: "voc12", root: "/gone" } };
  await withReport(fake, {}, (page) => {
    assertStringIncludes(page, "The pictures could not be made: ");
    assertStringIncludes(page, "60.3");
    assertEquals(pictures(page), []);
  });
});

Deno.test("names from recipes and data stay text in the report", async () => {
  const fake = { maps: { baseline: 97, seam: 98 }, summary: '<script>alert("x")</script>' };
  await withReport(fake, { sheet: { images: 0 } }, (page) => {
    assert(!page.includes("<script>"));
    assertStringIncludes(page, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
  });
});

Deno.test("the report refuses to name a stage that the recipe does not have, before the run's work", async () => {
  const use = { use: "report", sheet: { cams: ["seam-cam"] } };
  const observer = await registry.create("observer", use, { folder: "/none", resumed: false });
  const stages = ["seam", "seam-cams"];
  const error = assertThrows(
    () => observer.check?.({ stages }),
    RangeError,
    'its sheet.cams names "seam-cam", which is no stage (did you mean "seam-cams"?)',
  );
  assert(isMistake(error));
});

Deno.test("the report shows a dash for a class that the truth lacks, and a colour for every class", async () => {
  await withReport({ maps: { baseline: 97, seam: 98 } }, { sheet: { images: 1 } }, (page) => {
    assertStringIncludes(
      page,
      '<th scope="row">lime</th><td class="number">–</td><td class="number">–</td>',
    );
    assertStringIncludes(page, "–: not in the truth, counted as 0 in the mean.");
    const legend = [...page.matchAll(/<span class="class">.*?<\/i>([^<]+)/g)].map(([, c]) => c);
    assertEquals(legend, [...CLASSES_OF_MINI]);
  });
});
