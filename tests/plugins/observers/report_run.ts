import { assertEquals } from "@std/assert";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { writeCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { trainingCamsFolder, writeTrainingCams } from "../../../plugins/wsss/cams/training_cams.ts";
import { writeMask } from "../../../plugins/images/mask_store.ts";
import { parse } from "@std/yaml";
import { decodePng } from "../../../plugins/images/png.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { reportObserver } from "../../../plugins/observers/report.ts";
import { writeResult } from "../../../plugins/stages/evaluate/write_table.ts";
import { quietBackend } from "../../core/trainer_toy.ts";

/** The report, and the data set of its pictures. */
export const registry = new Registry([mini, reportObserver]);

const CLASSES = ["red", "green", "blue", "cyan", "pink", "lime"];

/** The images that were scored. */
export const SPLIT = "val[0:8]";

/** Of the data set that the pictures come from. */
export const CLASSES_OF_MINI =
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
    const about = { split: SPLIT, dataset: use, base: "/", classes: CLASSES_OF_MINI };
    const info = { cams: "cams", ...about, output, checkpoint: net };
    await writeJson(`${folder}/stages/${cams}/stage.json`, {
      fingerprint: "",
      artifact: { kind: "cams", info },
    });
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
      }, writeAtomic);
    }
    const scored = { stage: score, from: cams, checkpoint: net, output, split: SPLIT };
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
      about: { ...scored, images: 8, maskScale: 1 },
    }, writeAtomic);
    await writeJson(`${folder}/stages/${score}/stage.json`, {
      fingerprint: "",
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
export async function withRun(
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
      const observer = await registry.create("observer", use, {
        folder,
        resumed: false,
        backend: quietBackend,
      });
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
export function withReport(
  fake: Fake,
  options: Record<string, unknown>,
  fn: (page: string) => void | Promise<void>,
): Promise<void> {
  return withRun(fake, async (_folder, write) => await fn(await write(options)));
}

/** Fails where elements are not closed in order. */
export function checkNesting(page: string): void {
  const open: string[] = [];
  for (const [, close, name, empty] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (["meta", "img", "br"].includes(name!) || empty) continue;
    if (close) assertEquals(open.pop(), name);
    else open.push(name!);
  }
  assertEquals(open, []);
}

/** Every picture of a page, with what it is called. */
export function pictures(page: string) {
  return [...page.matchAll(/<img[^>]*src="data:image\/png;base64,([^"]+)"[^>]*alt="([^"]+)"/g)]
    .map(([, base64, alt]) => ({
      alt: alt!,
      image: decodePng(Uint8Array.fromBase64(base64!), alt!).raster,
    }));
}

/** Adds the CAMs that a training stored while it went on: after step 10 nothing, after step 90 the truth. */
export async function addTrainingCams(folder: string, id: string): Promise<void> {
  const stage = `${folder}/stages/${id}`;
  const dataset = await registry.create("dataset", { use: "mini" }, { split: SPLIT, base: "/" });
  const images = [1, 4].map((index) => ({ index, name: dataset.name(index) }));
  const steps = [10, 90];
  for (const step of steps) {
    const into = trainingCamsFolder(stage, step);
    await Deno.mkdir(into, { recursive: true });
    for (const { index, name } of images) {
      const { image: { width, height }, label, mask } = await dataset.read(index, { mask: true });
      const maps = [...label.keys()].filter((c) => label[c]! > 0).map((c) =>
        [
          c,
          Float32Array.from(mask!.data, (value) => step === 90 && value === c + 1 ? 1 : 0),
        ] as const
      );
      await writeCams(into, name, { cams: { width, height, maps: new Map(maps) } }, writeAtomic);
    }
  }
  const about = { split: SPLIT, dataset: { use: "mini" }, base: "/", classes: dataset.classes };
  await writeTrainingCams(stage, { ...about, output: "cam", images, steps }, writeAtomic);
  await writeJson(`${stage}/stage.json`, {
    fingerprint: "",
    artifact: { kind: "checkpoint", info: {} },
  });
}

/** Adds a stage that made masks, the truth moved by a class, of the images from a number on, and its score. */
export async function addMasks(
  folder: string,
  id: string,
  split: string,
  first: number,
): Promise<void> {
  const dataset = await registry.create("dataset", { use: "mini" }, { split, base: "/" });
  const masks = `${folder}/stages/${id}/masks`;
  await Deno.mkdir(masks, { recursive: true });
  for (let i = first; i < dataset.length; i++) {
    const { mask } = await dataset.read(i, { mask: true });
    const data = Uint8Array.from(mask!.data, (label) => label === 0 ? 0 : 1 + label % 6);
    await writeMask(masks, dataset.name(i), { ...mask!, data }, writeAtomic);
  }
  const about = { split, dataset: { use: "mini" }, base: "/", classes: dataset.classes };
  const info = { masks: "masks", ...about };
  await writeJson(`${folder}/stages/${id}/stage.json`, {
    fingerprint: "",
    artifact: { kind: "masks", info },
  });
  const score = `${id}-score`, images = dataset.length;
  await Deno.mkdir(`${folder}/stages/${score}`);
  await writeResult(`${folder}/stages/${score}`, {
    table: { title: score, columns: [], rows: [], summary: { miou: 70.1 }, note: "as predicted" },
    about: { stage: score, from: id, checkpoint: id, output: id, split, images, maskScale: 1 },
  }, writeAtomic);
  await writeJson(`${folder}/stages/${score}/stage.json`, {
    fingerprint: "",
    artifact: { kind: "table", info: {} },
  });
  const path = `${folder}/recipe.yaml`;
  const recipe = parse(await Deno.readTextFile(path)) as { stages: unknown[] };
  recipe.stages.push({ id, run: "refine" }, { id: score, run: "evaluate" });
  await writeJson(path, recipe);
}
