import { ParamStore } from "../plugins/wsss/parameters/param_store.ts";
import { Rng } from "../core/rng.ts";
import { backends } from "./backends.ts";
import { makeBackbone } from "./plugins/backbones/setup.ts";
import { writeDevkit, writeSplit } from "./plugins/datasets/voc12_devkit.ts";
import { paramsFile } from "./plugins/weights/params_file.ts";

/** Photographs of the tiny VOCdevkit; the last two are its test split. */
export const NAMES = Array.from({ length: 12 }, (_, i) => `2007_0000${10 + i}`);

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
export async function writeWeights(path: string): Promise<void> {
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
export async function writeData(folder: string): Promise<void> {
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
