import { assert } from "@std/assert";
import { encode } from "fast-png";
import { inTempFolder } from "./command.ts";
import { CROP, randomWeights, RESNET, runTiny } from "./voc12_tiny_run.ts";
import { NAMES, writeWeights } from "./voc12_world.ts";

function assertPercent(miou: number): void {
  assert(miou >= 0 && miou <= 100, String(miou));
}

/** Fails where a loss is not a number above 0. */
function assertPositive(
  losses: Readonly<Record<string, number>>,
  ...names: readonly string[]
): void {
  for (const name of names) {
    assert(losses[name]! > 0 && Number.isFinite(losses[name]), `${name} ${losses[name]}`);
  }
}

Deno.test("recipes/voc12/ppc.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    await writeWeights(`${folder}/imagenet.params`);
    const { miou, losses } = await runTiny(folder, "ppc", [
      ...RESNET,
      `backbone.weights.file=${folder}/imagenet.params`,
      "transforms.random-crop.size=112",
    ]);
    assertPercent(miou);
    assertPositive(losses, "cross-prototype", "cross-cam", "intra-view");
  });
});

Deno.test("recipes/voc12/recam.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    const weights = await randomWeights(folder, "resnet50", { width: 1 });
    const settings = [...RESNET, `cam.backbone.weights=${weights}`, CROP];
    const { miou, losses } = await runTiny(folder, "recam", settings);
    assertPercent(miou);
    // One class an image, of 20, told by a classifier that has hardly begun.
    assert(Math.abs(losses["recam"] - Math.log(20)) < 0.5, String(losses["recam"]));
  });
});

Deno.test("recipes/voc12/toco.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    const vit = { channels: 8, heads: 2 };
    const weights = await randomWeights(folder, "vit", { ...vit, antialias: false, tokens: [9] });
    const { losses } = await runTiny(folder, "toco", [
      `train.backbone.weights=${weights}`,
      ...Object.entries(vit).map(([name, value]) => `train.backbone.${name}=${value}`),
      "train.head.channels=8",
      "train.method.contrast={ crops: 2, side: 32, hidden: 8, bottleneck: 8, output: 8 }",
      "train.losses.cross-entropy.start=0",
      "train.losses.dense-energy.start=0",
      "train.maxSteps=2",
      CROP,
      "val.scales=[1]",
    ]);
    // Every pair of pixels that look alike speaks for it; 6e-8 is for 224x224 pixels.
    assert(losses["dense-energy"] < 0 && losses["dense-energy"] > -1, `${losses["dense-energy"]}`);
    assertPositive(losses, "scores", "aux-scores", "ptc", "ctc", "masks");
  });
});

Deno.test("recipes/voc12/mctformer.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    const vit = { channels: 8, heads: 2 };
    const weights = await randomWeights(folder, "vit", { ...vit, antialias: false });
    const { miou, losses } = await runTiny(folder, "mctformer", [
      `train.backbone.weights=${weights.replace("}", ", allowMissing: [class_tokens] }")}`,
      ...Object.entries(vit).map(([name, value]) => `train.backbone.${name}=${value}`),
      "train.optimizer.schedule.steps=1",
      "transforms.random-resized-crop.size=32",
    ]);
    assertPercent(miou);
    assertPositive(losses, "tokens", "patches");
  });
});

Deno.test("recipes/voc12/advcam.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    const weights = await randomWeights(folder, "resnet50", { width: 1 });
    const { miou, losses } = await runTiny(folder, "advcam", [
      ...RESNET,
      `backbone.weights=${weights}`,
      CROP,
      "cams.iterations=3",
    ]);
    assertPercent(miou);
    assertPositive(losses, "classification");
  });
});

Deno.test("recipes/voc12/puzzle-cam.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    const weights = await randomWeights(folder, "resnet50", { width: 1 });
    const { miou, losses } = await runTiny(folder, "puzzle-cam", [
      ...RESNET,
      `backbone.weights=${weights}`,
      "backbone.norm.statistics=2",
      "batch.micro=2",
      CROP,
    ]);
    assertPercent(miou);
    assertPositive(losses, "classification", "tiles", "puzzle-cam");
  });
});

Deno.test("recipes/voc12/eps.yaml runs whole on a tiny VOCdevkit with saliency maps", async () => {
  await inTempFolder(async (folder) => {
    await writeWeights(`${folder}/imagenet.params`);
    const maps = `${folder}/VOCdevkit/VOC2012/SALImages`;
    await Deno.mkdir(maps, { recursive: true });
    for (const [i, name] of NAMES.entries()) {
      const size = { width: 40 + i, height: 32 };
      const data = new Uint8Array(size.width * size.height).fill(255, 400);
      await Deno.writeFile(`${maps}/${name}.png`, encode({ ...size, data, channels: 1 }));
    }
    const { miou, losses } = await runTiny(folder, "eps", [
      ...RESNET,
      `backbone.weights.file=${folder}/imagenet.params`,
      CROP,
    ]);
    assertPercent(miou);
    assertPositive(losses, "classification", "eps");
  });
});

Deno.test("recipes/voc12/irn.yaml runs whole on a tiny VOCdevkit", async () => {
  await inTempFolder(async (folder) => {
    const weights = await randomWeights(folder, "resnet50", { width: 1 });
    const { miou, losses, scoreOf } = await runTiny(folder, "irn", [
      ...RESNET.map((setting) => setting.replace("transforms", "train.transforms")),
      `train.backbone.weights=${weights}`,
      `irn.backbone.weights=${weights}`,
      CROP,
    ]);
    assertPercent(miou);
    assertPercent(await scoreOf("walk-score"));
    assertPositive(losses, "affinity", "displacement");
  });
});
