import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { encode } from "fast-png";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { dataPlugins } from "../../../plugins/data.ts";
import { encodeNpy } from "../../../plugins/formats/numpy/npy.ts";
import { decodePngNumbers } from "../../../plugins/images/png_numbers.ts";
import { callSeamstress } from "../../call.ts";
import { inTempFolder } from "../../command.ts";
import { loggedSteps } from "../../logged.ts";
import { writePictures } from "./folder_files.ts";
import { inFolder, writeDevkit } from "./voc12_devkit.ts";

const WIDTH = 24, HEIGHT = 16;

/** Grey of 16 bits: the pixel's place times three. */
const deep = (width = WIDTH) =>
  encode({
    width,
    height: HEIGHT,
    channels: 1,
    depth: 16,
    data: Uint16Array.from({ length: width * HEIGHT }, (_, i) => 3 * i + 60_000),
  });

const npy = (shape: readonly number[], value = (i: number) => i / 4) =>
  encodeNpy({
    type: "f4",
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
  });

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, bytes);
}

function open(root: string, options: Record<string, unknown>, use = "folder"): Promise<Dataset> {
  const registry = new Registry(dataPlugins);
  return registry.create("dataset", { use, root, ...options }, { split: "all", base: root });
}

async function refusal(root: string, options: Record<string, unknown>): Promise<string> {
  const error = await assertRejects(async () => {
    const dataset = await open(root, options);
    await dataset.check({ mask: false, maps: true });
    await dataset.read(0, { mask: false, maps: true });
  });
  assert(isUserError(error), String(error));
  return error.message;
}

Deno.test("PNG numbers are read as they are stored: 16 bits, 8 bits, fewer", () => {
  const { data, channels } = decodePngNumbers(deep(), "a.png");
  assertEquals([channels, data[0], data[1], data[383]], [1, 60_000, 60_003, 61_149]);
  const rgb = encode({
    width: 1,
    height: 1,
    channels: 3,
    depth: 16,
    data: Uint16Array.of(1, 256, 65_535),
  });
  assertEquals([...decodePngNumbers(rgb, "a.png").data], [1, 256, 65_535]);
  const grey = encode({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(7, 255) });
  assertEquals([...decodePngNumbers(grey, "a.png").data], [7, 255]);
});

Deno.test("maps of folder and voc12: PNG of 8 and 16 bits, .npy, read where they are asked for", () =>
  inFolder(async (root) => {
    await writePictures(root, ["cat/a.jpg"]);
    await write(`${root}/saliency/a.PNG`, deep());
    await write(`${root}/soft/a.npy`, npy([HEIGHT, WIDTH, 2]));
    const maps = { saliency: "saliency", soft: "soft" };
    const dataset = await open(root, { maps });
    assertEquals([dataset.classes, dataset.maps], [["cat"], ["saliency", "soft"]]);
    await dataset.check({ mask: false, maps: true });
    assertEquals((await dataset.read(0, { mask: false })).maps, undefined);
    const { saliency, soft } = (await dataset.read(0, { mask: false, maps: true })).maps!;
    assertEquals([saliency!.channels, saliency!.data[1]], [1, 60_003]);
    assertEquals([soft!.width, soft!.height, soft!.channels, soft!.data[3]], [
      WIDTH,
      HEIGHT,
      2,
      0.75,
    ]);
    const before = await dataset.fingerprint();
    await write(`${root}/soft/a.npy`, npy([HEIGHT, WIDTH, 2], () => 1));
    assertNotEquals(await (await open(root, { maps })).fingerprint(), before);
    const devkit = await writeDevkit(root, [{ name: "x", classes: [0, 8] }]);
    await write(`${devkit}/Edges/x.npy`, npy([HEIGHT, WIDTH]));
    const voc = await open(root, { labels: "masks", maps: { edges: "Edges" } }, "voc12");
    assertEquals((await voc.read(0, { mask: true, maps: true })).maps!["edges"]!.data[2], 0.5);
    const inner = { use: "voc12", root, labels: "masks", maps: { edges: "Edges" } };
    const outer = await new Registry(dataPlugins).create("dataset", {
      use: "with-masks",
      dataset: inner,
      masks: `${devkit}/SegmentationClassAug`,
    }, { split: "all", base: root });
    assertEquals(outer.maps, ["edges"]);
    assertEquals(Object.keys((await outer.read(0, { mask: true, maps: true })).maps!), ["edges"]);
  }));

Deno.test("maps that are missing, of another size, no numbers or of two files are refused by name", () =>
  inFolder(async (root) => {
    await writePictures(root, ["cat/a.jpg"]);
    const maps = { saliency: "saliency" };
    assertStringIncludes(await refusal(root, { maps }), "1 of 1 maps saliency are missing");
    await write(`${root}/saliency/a.png`, deep(23));
    assertStringIncludes(await refusal(root, { maps }), "a.png: it is 23x16, its image");
    await write(`${root}/saliency/a.png`, Uint8Array.of(1, 2, 3));
    assertStringIncludes(await refusal(root, { maps }), "saliency/a.png");
    await write(`${root}/saliency/a.npy`, npy([HEIGHT, WIDTH]));
    assertStringIncludes(await refusal(root, { maps }), "Cannot find the file of a: there are");
    await Deno.remove(`${root}/saliency/a.png`);
    await write(`${root}/saliency/a.npy`, npy([HEIGHT * WIDTH]));
    assertStringIncludes(await refusal(root, { maps }), "its shape is [384], expected [H,W]");
    await write(`${root}/saliency/a.npy`, npy([HEIGHT, WIDTH], () => NaN));
    assertStringIncludes(await refusal(root, { maps }), "it holds NaN");
    assertStringIncludes(await refusal(root, { maps: { label: "x" } }), "targets already");
    assertStringIncludes(await refusal(root, { maps: { "a b": "x" } }), "targets already");
  }));

const METHOD = `
import * as tf from "@tensorflow/tfjs";
import { definePlugin } from "seamstress";
import * as z from "zod";
export const mapMethod = definePlugin({
  kind: "method",
  name: "map-method",
  summary: "learns from a map",
  options: z.strictObject({ map: z.string().default("level") }),
  create: ({ map }) => ({
    provides: [],
    needs: [],
    targets: [map],
    step: ({ image, targets }, { model, context }) => ({
      targets,
      views: [model.forward(image, context(0))],
    }),
  }),
});
export const mapLoss = definePlugin({
  kind: "loss",
  name: "map-mean",
  summary: "the map's mean",
  options: z.strictObject({}),
  create: () => ({
    needs: [],
    compute: ({ targets, views: [view] }) =>
      tf.add(tf.mean(targets.level), tf.mul(0, tf.mean(Object.values(view)[0]))),
  }),
});
`;

Deno.test("maps reach the targets of a training through the Workers; a map that is not there is refused", () =>
  inTempFolder(async (root) => {
    await writePictures(root, ["in/cat/a.jpg", "in/dog/b.jpg", "in/cat/c.jpg", "in/dog/d.jpg"]);
    for (const name of "abcd") {
      await write(`${root}/level/${name}.npy`, npy([HEIGHT, WIDTH], () => 2.5));
    }
    await Deno.writeTextFile(`${root}/map.ts`, METHOD);
    await Deno.writeTextFile(
      `${root}/map.yaml`,
      `name: map
plugins: [./map.ts]
backend: wasm
dataset: { use: folder, root: ., images: in, maps: { level: level } }
stages:
  - id: net
    run: train
    split: all
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: map-method
    losses: [classification, map-mean]
    optimizer: { use: sgd, lr: 0.01, schedule: constant }
    batch: { size: 2 }
    epochs: 1
    transforms: [flip, { use: scale, min: 1.1, max: 1.3 }, normalize, { use: random-crop, size: 16 }]
`,
    );
    const run = ["run", `${root}/map.yaml`, `--out=${root}/run`];
    const trial = await callSeamstress([...run, "--dry-run"]);
    assertEquals(trial.code, 0, trial.err);
    const { code, err } = await callSeamstress(run);
    assertEquals(code, 0, err);
    const steps = await loggedSteps(`${root}/run`);
    assertEquals(steps.length, 2);
    for (const { losses } of steps) assertAlmostEquals(losses["map-mean"], 2.5, 1e-5);
    const gone = await callSeamstress([
      run[0]!,
      run[1]!,
      `--out=${root}/other`,
      "--set=net.method.map=depth",
    ]);
    assertEquals(gone.code, 1);
    assertStringIncludes(gone.err, "learns from map depth; maps of the data set: level");
  }));
