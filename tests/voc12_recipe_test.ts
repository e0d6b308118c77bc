import { assert, assertEquals } from "@std/assert";
import { unzipSync } from "fflate";
import { ParamStore } from "../plugins/wsss/parameters/param_store.ts";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { Rng } from "../core/rng.ts";
import { backends } from "./backends.ts";
import { inTempFolder, runSeamstress } from "./command.ts";
import { makeBackbone } from "./plugins/backbones/setup.ts";
import { writeDevkit, writeSplit } from "./plugins/datasets/voc12_devkit.ts";
import { paramsFile } from "./plugins/weights/params_file.ts";
import { evenRanks } from "../plugins/stages/train/shares.ts";

const RECIPE = fromFileUrl(new URL("../recipes/voc12/seam.yaml", import.meta.url));
const NAMES = Array.from({ length: 12 }, (_, i) => `2007_0000${10 + i}`);

/** MXNet's names of batch norm's parameters. */
const NORM: Readonly<Record<string, string>> = {
  weight: "gamma",
  bias: "beta",
  running_mean: "moving_mean",
  running_var: "moving_var",
};

/** `b4_1.conv_branch2a.weight` → `res4b1_branch2a_weight`, as the file of ImageNet weights names it. */
function mxnetName(name: string): string {
  const [, stage, block, kind, branch, suffix] =
    /^b(\d)(?:_(\d))?\.(conv|bn)_(branch\w+)\.(\w+)$/.exec(name) ?? [];
  if (stage === undefined) {
    return name.startsWith("bn7") ? `bn7_${NORM[name.slice(4)]}` : "conv1a_weight";
  }
  const place = `${stage}${block ? `b${block}` : "a"}_${branch}`;
  return kind === "conv" ? `res${place}_weight` : `bn${place}_${NORM[suffix!]}`;
}

/** Weights of ResNet38 at 1/64 of its width, in the file that the recipe names. */
async function writeWeights(path: string): Promise<void> {
  await backends.cpu.prepare();
  const { params: specs } = await makeBackbone("resnet38", { width: 1 });
  const params = ParamStore.create(specs, Rng.of(0));
  const arrays = [...await params.toStateDict()].map(([name, { shape, data }]) => ({
    name: mxnetName(name),
    shape,
    flag: 0,
    data: data as Float32Array,
  }));
  params.dispose();
  await Deno.writeFile(path, paramsFile(arrays, 2));
}

/** Photographs with one or two classes; the last two are the test split, without mask and label. */
async function writeData(folder: string): Promise<void> {
  const images = NAMES.map((name, i) => ({
    name,
    width: 40 + i,
    height: 32,
    classes: i % 2 ? [0, 8] : [0, 12, 0],
  }));
  const devkit = await writeDevkit(folder, images);
  const test = NAMES.slice(10);
  for (const name of test) await Deno.remove(`${devkit}/SegmentationClassAug/${name}.png`);
  await writeSplit(devkit, "trainaug", NAMES.slice(0, 10));
  await writeSplit(devkit, "train", NAMES.slice(0, 4));
  await writeSplit(devkit, "val", NAMES.slice(4, 7));
  await writeSplit(devkit, "test", test);
  const labels = images.slice(0, 10).map(({ name }, i) => [name, [i % 2 ? "cat" : "dog"]]);
  await Deno.writeTextFile(`${folder}/labels.json`, JSON.stringify(Object.fromEntries(labels)));
}

Deno.test("recipes/voc12/seam.yaml runs whole, from image labels to the server's archive, on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    await writeData(folder);
    await writeWeights(`${folder}/imagenet.params`);
    const settings = [
      `dataset.root=${folder}`,
      `dataset.labels=${folder}/labels.json`,
      `backbone.weights.file=${folder}/imagenet.params`,
      "backbone.width=1",
      "workers=0",
      "epochs=1",
      "transforms.random-crop.size=48",
      "seam.transforms.random-resize-long.min=40",
      "seam.transforms.random-resize-long.max=56",
      "cams.scales=[1]",
      "retrain.maxSteps=1",
      "retrain.head.channels=8",
      "retrain-train.scales=[1]",
      "val.scales=[0.5, 1]",
      "test.scales=[1]",
    ];
    const { code, err } = await runSeamstress([
      "run",
      RECIPE,
      "--backend=wasm",
      `--out=${folder}/run`,
      ...settings.flatMap((setting) => ["--set", setting]),
    ]);
    assertEquals(code, 0, err);
    const { chosen } = JSON.parse(await Deno.readTextFile(`${folder}/run/manifest.json`));
    const micro = 8 / evenRanks(8, navigator.hardwareConcurrency);
    assertEquals(chosen, { seam: { "batch.micro": micro }, affinity: { "batch.micro": micro } });
    for (const score of ["score", "la-score", "walk-score", "retrain-train-score", "val-score"]) {
      const { table } = JSON.parse(
        await Deno.readTextFile(`${folder}/run/stages/${score}/table.json`),
      );
      assert(
        table.summary.miou >= 0 && table.summary.miou <= 100,
        `${score}: ${table.summary.miou}`,
      );
    }
    const archive = unzipSync(await Deno.readFile(`${folder}/run/stages/archive/results.zip`));
    assertEquals(
      Object.keys(archive),
      NAMES.slice(10).map((name) => `results/VOC2012/Segmentation/comp6_test_cls/${name}.png`),
    );
  });
});
