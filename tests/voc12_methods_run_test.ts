import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { Rng } from "../core/rng.ts";
import { encodeSafetensors } from "../plugins/formats/safetensors.ts";
import { ParamStore } from "../plugins/wsss/parameters/param_store.ts";
import { backends } from "./backends.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";
import { loggedSteps } from "./logged.ts";
import { makeBackbone } from "./plugins/backbones/setup.ts";
import { writeData, writeWeights } from "./voc12_world.ts";

/** Of ResNets, and the scales that most trainings have. */
const RESNET = [
  "backbone.width=1",
  "transforms.random-resize-long.min=40",
  "transforms.random-resize-long.max=56",
];

/** Runs a recipe of recipes/voc12/ on the tiny VOCdevkit, two steps a training. @returns the score of its CAMs, and the losses of the last step */
async function runTiny(folder: string, name: string, more: readonly string[]) {
  await writeData(folder);
  const settings = [
    `dataset.root=${folder}`,
    `dataset.labels=${folder}/labels.json`,
    "batch.size=4",
    "workers=0",
    "epochs=1",
    "cams.scales=[0.5, 1]",
    ...more,
  ];
  const { code, err } = await callSeamstress([
    "run",
    fromFileUrl(new URL(`../recipes/voc12/${name}.yaml`, import.meta.url)),
    "--backend=wasm",
    `--out=${folder}/run`,
    ...settings.flatMap((setting) => ["--set", setting]),
  ]);
  assertEquals(code, 0, err);
  const table = `${folder}/run/stages/score/table.json`;
  const { table: { summary } } = JSON.parse(await Deno.readTextFile(table));
  const { losses } = (await loggedSteps(`${folder}/run`)).at(-1);
  return { miou: summary.miou as number, losses };
}

Deno.test("recipes/voc12/ppc.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    await writeWeights(`${folder}/imagenet.params`);
    const { miou, losses } = await runTiny(folder, "ppc", [
      ...RESNET,
      `backbone.weights.file=${folder}/imagenet.params`,
      "transforms.random-crop.size=112",
    ]);
    assert(miou >= 0 && miou <= 100, String(miou));
    for (const name of ["cross-prototype", "cross-cam", "intra-view"]) {
      assert(losses[name] > 0 && Number.isFinite(losses[name]), `${name} ${losses[name]}`);
    }
  });
});

Deno.test("recipes/voc12/recam.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    await backends.cpu.prepare();
    const { params: specs } = await makeBackbone("resnet50", { width: 1 });
    const params = ParamStore.create(specs, Rng.of(0));
    const file = `${folder}/resnet50.safetensors`;
    await Deno.writeFile(file, encodeSafetensors(await params.toStateDict()));
    params.dispose();
    const { miou, losses } = await runTiny(folder, "recam", [
      ...RESNET,
      `cam.backbone.weights={ use: safetensors, file: ${file} }`,
      "transforms.random-crop.size=64",
    ]);
    assert(miou >= 0 && miou <= 100, String(miou));
    // One class an image, of 20, told by a classifier that has hardly begun.
    assert(Math.abs(losses["recam"] - Math.log(20)) < 0.5, String(losses["recam"]));
  });
});

Deno.test("recipes/voc12/toco.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    await backends.cpu.prepare();
    const vit = { channels: 8, heads: 2 };
    const { params: specs } = await makeBackbone("vit", { ...vit, antialias: false, tokens: [9] });
    const params = ParamStore.create(specs, Rng.of(0));
    const file = `${folder}/deit.safetensors`;
    await Deno.writeFile(file, encodeSafetensors(await params.toStateDict()));
    params.dispose();
    const { losses } = await runTiny(folder, "toco", [
      `train.backbone.weights={ use: safetensors, file: ${file} }`,
      ...Object.entries(vit).map(([name, value]) => `train.backbone.${name}=${value}`),
      "train.head.channels=8",
      "train.method.contrast={ crops: 2, side: 32, hidden: 8, bottleneck: 8, output: 8 }",
      "train.losses.cross-entropy.start=0",
      "train.losses.dense-energy.start=0",
      "train.maxSteps=2",
      "transforms.random-crop.size=64",
      "val.scales=[1]",
    ]);
    // Every pair of pixels that look alike speaks for it; 6e-8 is for 224x224 pixels.
    assert(losses["dense-energy"] < 0 && losses["dense-energy"] > -1, `${losses["dense-energy"]}`);
    for (const name of ["scores", "aux-scores", "ptc", "ctc", "masks"]) {
      assert(losses[name] > 0 && Number.isFinite(losses[name]), `${name} ${losses[name]}`);
    }
  });
});
