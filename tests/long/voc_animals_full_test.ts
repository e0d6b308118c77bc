import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { Rng } from "../../core/rng.ts";
import { encodeSafetensors } from "../../plugins/formats/safetensors.ts";
import { ParamStore } from "../../plugins/wsss/parameters/param_store.ts";
import { backends } from "../backends.ts";
import { inTempFolder, runSeamstress } from "../command.ts";
import { killAfter } from "../kill_after.ts";
import { makeBackbone } from "../plugins/backbones/setup.ts";
import { writeDevkit, writeSplit } from "../plugins/datasets/voc12_devkit.ts";

/** MobileNetV2 at the least width. */
const WIDTH = 0.05;

/** Twelve photographs of cats and dogs, eight to learn from and four of val. */
async function writeWorld(folder: string): Promise<void> {
  const images = Array.from({ length: 12 }, (_, i) => ({
    name: `2007_0000${10 + i}`,
    width: 60 + i,
    height: 48,
    classes: i % 2 ? [0, 8] : [0, 12, 0],
  }));
  const devkit = await writeDevkit(folder, images);
  const names = images.map(({ name }) => name);
  await writeSplit(devkit, "trainaug", names.slice(0, 8));
  await writeSplit(devkit, "train", names.slice(0, 6));
  await writeSplit(devkit, "val", names.slice(8));
  const labels = names.map((name, i) => [name, [i % 2 ? "cat" : "dog"]]);
  await Deno.writeTextFile(`${folder}/labels.json`, JSON.stringify(Object.fromEntries(labels)));
  await backends.cpu.prepare();
  const { params: specs } = await makeBackbone("mobilenetv2", { width: WIDTH });
  const params = ParamStore.create(specs, Rng.of(0));
  const state = encodeSafetensors(await params.toStateDict());
  params.dispose();
  await Deno.writeFile(`${folder}/weights.safetensors`, state);
}

/** The recipe on that world, with one epoch of two steps, small crops and few trials. */
const argsOf = (folder: string) => [
  "run",
  fromFileUrl(new URL("../../recipes/voc-animals/full.yaml", import.meta.url)),
  "--backend=wasm",
  "--group=workers",
  ...[
    `dataset.root=${folder}`,
    `dataset.labels=${folder}/labels.json`,
    "dataset.classes=[cat, dog]",
    `backbone.weights.file=${folder}/weights.safetensors`,
    `backbone.width=${WIDTH}`,
    "batch.size=4",
    "batch.micro=2",
    "retrain.head.statistics=2",
    "retrain.head.channels=8",
    "epochs=1",
    ...["seam", "affinity", "retrain"].flatMap((
      id,
    ) => [`${id}.workers=0`, `${id}.checkpointEvery=1`]),
    "seam.transforms.random-resize-long.min=48",
    "seam.transforms.random-resize-long.max=64",
    "transforms.random-crop.size=64",
    "affinity.transforms.random-crop.size=96",
    "power.split=train[0:4]",
    "power.values={ power-background.power: [0.5, 2] }",
    "walk-settings.split=train[0:4]",
    "walk-settings.values={ power-background.power: [0.5, 2], random-walk.beta: [2, 8], random-walk.logt: [1] }",
  ].flatMap((setting) => ["--set", setting]),
];

/** Every evaluation and choice. */
const TABLES = [
  "cam-train",
  "cam-val",
  "cam-val-best",
  "power",
  "crf-train",
  "crf-val",
  "walk-settings",
  "walk-train",
  "walk-val",
  "walk-crf-train",
  "walk-crf-val",
  "val-score",
  "train-score",
];

Deno.test("recipes/voc-animals/full.yaml, killed twice and resumed, ends with the scores of an unbroken run", async () => {
  await inTempFolder(async (folder) => {
    await writeWorld(folder);
    const args = argsOf(folder), run = `${folder}/killed`;
    const whole = await runSeamstress([...args, "--out", `${folder}/whole`]);
    assertEquals(whole.code, 0, whole.err);
    await killAfter(2, "la", [...args, "--out", run], run);
    await killAfter(2, "walk-crf", [...args, "--out", run, "--resume"], run);
    const resumed = await runSeamstress([...args, "--out", run, "--resume"]);
    assertEquals(resumed.code, 0, resumed.err);
    const tables = (run: string) =>
      Promise.all(
        TABLES.map((id) => Deno.readTextFile(`${run}/stages/${id}/table.json`).then(JSON.parse)),
      );
    const found = await tables(run);
    assertEquals(found, await tables(`${folder}/whole`));
    // What was chosen on train is not called an oracle of val, and nothing is chosen on val but by the stage that says so.
    for (const [i, id] of TABLES.entries()) {
      const { note } = found[i].table;
      if (id.includes("val")) assertEquals(note.includes("oracle"), id === "cam-val-best", note);
      if (/^(crf|walk|walk-crf)-val$/.test(id)) assert(/chosen on train\[0:4\]/.test(note), note);
    }
  });
});
