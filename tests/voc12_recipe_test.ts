import { assert, assertEquals } from "@std/assert";
import { unzipSync } from "fflate";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";
import { NAMES, writeData, writeWeights } from "./voc12_world.ts";

const RECIPE = fromFileUrl(new URL("../recipes/voc12/seam.yaml", import.meta.url));
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
    const { code, err } = await callSeamstress([
      "run",
      RECIPE,
      "--backend=wasm",
      `--out=${folder}/run`,
      ...settings.flatMap((setting) => ["--set", setting]),
    ]);
    assertEquals(code, 0, err);
    const { chosen } = JSON.parse(await Deno.readTextFile(`${folder}/run/manifest.json`));
    assertEquals(chosen, { seam: { "batch.micro": 8 }, affinity: { "batch.micro": 8 } });
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
