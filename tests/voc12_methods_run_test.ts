import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runSeamstress } from "./command.ts";
import { stripes, writeDevkit, writeSplit } from "./plugins/datasets/voc12_devkit.ts";
import { encodeIndexedPng } from "../plugins/images/png.ts";

const NAMES = Array.from({ length: 8 }, (_, i) => `2007_0000${10 + i}`);
const SIZE = { width: 48, height: 40 };

/** Photographs with a cat or a dog, labels, and saliency maps: the middle third. */
async function writeData(folder: string): Promise<void> {
  const images = NAMES.map((name, i) => ({ name, ...SIZE, classes: i % 2 ? [0, 8] : [0, 12, 0] }));
  const devkit = await writeDevkit(folder, images);
  await writeSplit(devkit, "trainaug", NAMES);
  await writeSplit(devkit, "train", NAMES.slice(0, 4));
  const labels = NAMES.map((name, i) => [name, [i % 2 ? "cat" : "dog"]]);
  await Deno.writeTextFile(`${folder}/labels.json`, JSON.stringify(Object.fromEntries(labels)));
  await Deno.mkdir(`${devkit}/SALImages`);
  // Grey is written as a palette whose colour i is i.
  const data = stripes(SIZE.width, SIZE.height, [0, 255, 0]);
  const grey = Array.from({ length: 256 }, (_, i) => [i, i, i] as const);
  const png = encodeIndexedPng({ ...SIZE, channels: 1, data }, grey);
  for (const name of NAMES) await Deno.writeFile(`${devkit}/SALImages/${name}.png`, png);
}

/** A recipe, and what makes it small: the crop and the network without its weights. */
const RECIPES = {
  "puzzle-cam": [
    "train.backbone={use: resnet50, width: 1, outputStride: 16, dilate: false, norm: {momentum: 0.1, statistics: 4}}",
    "train.batch={size: 8, micro: 4, runningStatistics: first}",
    "train.transforms.random-crop.size=64",
  ],
  eps: ["train.backbone={use: resnet38, width: 1}", "train.transforms.random-crop.size=40"],
};

for (const [name, settings] of Object.entries(RECIPES)) {
  Deno.test(`recipes/voc12/${name}.yaml runs whole on a tiny VOCdevkit`, async () => {
    await inTempFolder(async (folder) => {
      await writeData(folder);
      const { code, err } = await runSeamstress([
        "run",
        fromFileUrl(new URL(`../recipes/voc12/${name}.yaml`, import.meta.url)),
        "--backend=wasm",
        `--out=${folder}/run`,
        ...[
          "group=single",
          `dataset.root=${folder}`,
          `dataset.labels=${folder}/labels.json`,
          "workers=0",
          "train.epochs=1",
          "train.maxSteps=1",
          "train.transforms.random-resize-long.min=40",
          "train.transforms.random-resize-long.max=56",
          "cams.scales=[1]",
          ...settings,
        ].flatMap((setting) => ["--set", setting]),
      ]);
      assertEquals(code, 0, err);
      const read = async (path: string) =>
        JSON.parse(await Deno.readTextFile(`${folder}/run/stages/${path}`));
      const { table: { summary } } = await read("score/table.json");
      assert(summary.miou >= 0 && summary.miou <= 100, `${summary.miou}`);
    });
  });
}
