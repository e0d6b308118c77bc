import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { decodeSafetensors } from "../../../plugins/formats/safetensors.ts";
import { plugins } from "../../../plugins/mod.ts";
import { inTempFolder } from "../../command.ts";
import { StopAfter } from "../../stop_after.ts";
import { failureOf, runGroup } from "../groups/setup.ts";

/** A training of two steps, and CAMs. */
const FIRST = `
name: first
backend: wasm
dataset: { use: mini, size: 16 }
observers: []
stages:
  - id: cam
    run: train
    split: "train[0:8]"
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01 }
    batch: { size: 4 }
    epochs: 1
    checkpointEvery: 1
    workers: 0
    transforms: [normalize]
  - { id: maps, run: infer, from: cam, split: "val[0:2]", scales: [1], flip: false }
`;

/** Another recipe, whose training learns next to nothing from where it starts. */
const second = (weights: string, head = "{ use: cam, dropout: 0 }") => `
name: second
backend: wasm
dataset: { use: mini, size: 20 }
observers: []
stages:
  - id: more
    run: train
    split: "train[0:4]"
    backbone: { use: tiny, weights: { use: stage, ${weights} } }
    head: ${head}
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 1.0e-30 }
    batch: { size: 4 }
    epochs: 1
    workers: 0
    transforms: [normalize]
`;

/** The weights file that a stage left. */
async function weightsOf(run: string, stage: string): Promise<string> {
  const folder = `${run}/stages/${stage}`;
  const { artifact } = JSON.parse(await Deno.readTextFile(`${folder}/stage.json`));
  return `${folder}/${artifact.info.weights}`;
}

async function tensorsOf(run: string, stage: string) {
  const path = await weightsOf(run, stage);
  const { tensors } = decodeSafetensors(await Deno.readFile(path), path);
  return new Map([...tensors].map(([name, { data }]) => [name, [...data as Float32Array]]));
}

Deno.test("a training starts from the whole network of another run's stage, named by a relative path", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/first`, { recipe: FIRST });
    const recipe = second("run: first, from: cam");
    await runGroup(`${folder}/second`, { recipe });
    const found = await tensorsOf(`${folder}/second`, "more");
    const wanted = await tensorsOf(`${folder}/first`, "cam");
    assertEquals([...found.keys()], [...wanted.keys()]);
    for (const [name, values] of wanted) {
      assert(found.get(name)!.every((value, i) => Math.abs(value - values[i]!) <= 1e-7), name);
    }
    // Nothing has changed: nothing is done again. Where the other run trains anew, this does.
    const made = async () =>
      JSON.parse(await Deno.readTextFile(`${folder}/second/stages/more/stage.json`)).made;
    const before = await made();
    await runGroup(`${folder}/second`, { recipe, resume: true });
    assertEquals(await made(), before);
    await Deno.remove(`${folder}/first`, { recursive: true });
    await runGroup(`${folder}/first`, { recipe: FIRST, set: ["cam.optimizer.lr=0.02"] });
    await runGroup(`${folder}/second`, { recipe, resume: true });
    assert(await made() !== before);
    assertEquals((await tensorsOf(`${folder}/second`, "more")).size, wanted.size);
  });
});

Deno.test("a training from another run's stage says which parameters differ", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/first`, { recipe: FIRST });
    const head = "{ use: seam, low: t3, mid: t4, dropout: 0 }";
    const weights = "run: first, from: cam";
    const message = await failureOf(`${folder}/run`, { recipe: second(weights, head) });
    assertStringIncludes(message, "f9.weight");
    const allowed = `${weights}, allowMissing: [f8_*, f9.*]`;
    await runGroup(`${folder}/run`, { recipe: second(allowed, head) });
    const found = await tensorsOf(`${folder}/run`, "more");
    const cam = (await tensorsOf(`${folder}/first`, "cam")).get("fc8.weight");
    assertEquals(found.get("fc8.weight"), cam);
    assert(found.has("f9.weight"));
  });
});

Deno.test("import-checkpoint takes the network of another run's stage", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/first`, { recipe: FIRST });
    const recipe = `
name: imported
backend: wasm
dataset: { use: mini, size: 16 }
observers: []
stages:
  - id: cam
    run: import-checkpoint
    split: val
    backbone: tiny
    head: cam
    weights: { use: stage, run: first, from: cam }
`;
    await runGroup(`${folder}/imported`, { recipe });
    assertEquals(
      await tensorsOf(`${folder}/imported`, "cam"),
      await tensorsOf(`${folder}/first`, "cam"),
    );
  });
});

Deno.test("a training from what another run has not left is refused by name", async () => {
  await inTempFolder(async (folder) => {
    let runs = 0;
    const refused = async (weights: string, message: string) => {
      const found = await failureOf(`${folder}/run${runs++}`, { recipe: second(weights) });
      assertStringIncludes(found, message.replaceAll("FOLDER", folder));
    };
    const of = (run: string) => `Cannot read stage cam of the run FOLDER/${run}`;
    await refused("run: none, from: cam", `${of("none")}: there is no such folder`);
    await Deno.mkdir(`${folder}/empty`);
    await refused("run: empty, from: cam", `${of("empty")}: it has no recipe.yaml`);
    const stop = new StopAfter(2);
    await failureOf(`${folder}/stopped`, { recipe: FIRST, stop });
    await refused(
      "run: stopped, from: cam",
      `${of("stopped")}: it is not finished; finish it with run FOLDER/stopped --resume`,
    );
    await runGroup(`${folder}/first`, { recipe: FIRST });
    await refused(
      "run: first, from: cams",
      'no such stage was begun there (did you mean "cam"?); begun: cam, maps',
    );
    await refused("run: first, from: maps", "it left cams, and a checkpoint is needed");

    const weights = { use: "stage", run: `${folder}/first`, from: "cam" };
    const classes = ["cat", "dog", "cow", "bus", "car"];
    const reader = await new Registry(plugins).create("weights", weights, { base: "/", classes });
    const other = await assertRejects(
      () => reader.check(),
      RangeError,
      "the data set has cat, dog",
    );
    assert(isUserError(other));
    assertStringIncludes(other.message, `Cannot start from ${folder}/first/stages/cam: it learned`);

    const path = await weightsOf(`${folder}/first`, "cam");
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(path, bytes);
    await refused("run: first, from: cam", "it was changed since stage cam wrote it");
    await Deno.remove(path);
    await refused("run: first, from: cam", "which stage cam left");
  });
});
