import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { Rng } from "../core/rng.ts";
import { encodeSafetensors } from "../plugins/formats/safetensors.ts";
import { ParamStore } from "../plugins/wsss/parameters/param_store.ts";
import { backends } from "./backends.ts";
import { callSeamstress } from "./call.ts";
import { loggedSteps } from "./logged.ts";
import { makeBackbone } from "./plugins/backbones/setup.ts";
import { writeData } from "./voc12_world.ts";

/** A ResNet of 1/64 of its width, and the scales that most trainings have. */
export const RESNET = [
  "backbone.width=1",
  "transforms.random-resize-long.min=40",
  "transforms.random-resize-long.max=56",
];

/** Crops of 64 pixels. */
export const CROP = "transforms.random-crop.size=64";

/**
 * Writes random weights of a backbone.
 *
 * @param folder that gets the file
 * @param backbone of the recipe
 * @param options as the recipe's training has them
 * @returns what its `weights` are set to
 */
export async function randomWeights(
  folder: string,
  backbone: "resnet50" | "vit",
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  await backends.cpu.prepare();
  const { params: specs } = await makeBackbone(backbone, options);
  const params = ParamStore.create(specs, Rng.of(0));
  const file = `${folder}/${backbone}.safetensors`;
  await Deno.writeFile(file, encodeSafetensors(await params.toStateDict()));
  params.dispose();
  return `{ use: safetensors, file: ${file} }`;
}

/**
 * Runs a recipe of recipes/voc12/ on the tiny VOCdevkit, an epoch a training.
 *
 * @param folder that gets data and run
 * @param name of the recipe
 * @param more settings beside those that all have
 * @returns the score of its CAMs in percent; the losses of the last step; what stage `walk` or another scores, by stage
 */
export async function runTiny(folder: string, name: string, more: readonly string[]) {
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
  const scoreOf = async (stage: string): Promise<number> => {
    const table = await Deno.readTextFile(`${folder}/run/stages/${stage}/table.json`);
    return JSON.parse(table).table.summary.miou;
  };
  const { losses } = (await loggedSteps(`${folder}/run`)).at(-1);
  return { miou: await scoreOf("score"), losses, scoreOf };
}
