import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { isUserError } from "../../../../core/errors.ts";
import { readArtifact } from "../../../../core/run/stages/artifact_info.ts";
import { ARTIFACTS } from "../../../../plugins/wsss/stages/artifacts.ts";
import * as tf from "@tensorflow/tfjs";
import { loadModel } from "../../../../plugins/wsss/inference/loaded_model.ts";
import { ParamStore } from "../../../../plugins/wsss/parameters/param_store.ts";
import { Registry } from "../../../../core/registry/registry.ts";
import { Rng } from "../../../../core/rng.ts";
import { encodeSafetensors } from "../../../../plugins/formats/safetensors.ts";
import type { StateDict } from "../../../../core/contracts/state_dict.ts";
import { tiny } from "../../../../plugins/backbones/tiny.ts";
import { vit } from "../../../../plugins/backbones/vit.ts";
import { camHead } from "../../../../plugins/heads/cam.ts";

const registry = new Registry([tiny, vit, camHead]);
const info = {
  weights: "checkpoints/last.safetensors",
  backbone: { use: "tiny" },
  head: { use: "cam" },
  classes: ["cat", "dog"],
  steps: 12,
};

/** Random weights of tiny and a CAM head, as a checkpoint holds them. */
async function randomWeights(): Promise<StateDict> {
  await tf.setBackend("cpu");
  const backbone = await registry.create("backbone", { use: "tiny" }, undefined);
  const args = { taps: backbone.taps, classes: 2 };
  const head = await registry.create("head", { use: "cam" }, args);
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(3));
  const state = await params.toStateDict();
  params.dispose();
  return state;
}

async function withCheckpoint(state: StateDict, fn: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/checkpoints`);
    await Deno.writeFile(`${folder}/${info.weights}`, encodeSafetensors(state));
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadModel builds the network of a checkpoint with its very weights, and frees them", async () => {
  const state = await randomWeights();
  await withCheckpoint(state, async (folder) => {
    const held = tf.memory().numTensors;
    {
      using loaded = await loadModel(registry, { kind: "checkpoint", folder, info });
      assertEquals(loaded.classes, ["cat", "dog"]);
      assertEquals(await loaded.model.params.toStateDict(), state);
      assertEquals(loaded.model.head.outputs, ["cam"]);
    }
    assertEquals(tf.memory().numTensors, held);
  });
});

Deno.test("loadModel names the parameters of a checkpoint that hold NaN or infinite values, and keeps nothing", async () => {
  const state = new Map(await randomWeights());
  const { data, ...fc8 } = state.get("fc8.weight")!;
  const broken = Float32Array.from(data as Float32Array);
  broken.set([NaN, -Infinity], 1);
  state.set("fc8.weight", { ...fc8, data: broken });
  await withCheckpoint(state, async (folder) => {
    const held = tf.memory().numTensors;
    await assertRejects(
      () => loadModel(registry, { kind: "checkpoint", folder, info }),
      RangeError,
      `Cannot load ${folder}/${info.weights} into the network: values that are no finite float32 are in 1 of its ` +
        `parameters: fc8.weight (2 of ${broken.length}); the training that wrote it ran away`,
    );
    assertEquals(tf.memory().numTensors, held);
  });
});

Deno.test("loadModel refuses weights that do not fit the network, and keeps nothing", async () => {
  const state = new Map(await randomWeights());
  state.delete("fc8.weight");
  await withCheckpoint(state, async (folder) => {
    const held = tf.memory().numTensors;
    await assertRejects(
      () => loadModel(registry, { kind: "checkpoint", folder, info }),
      RangeError,
      "the file lacks (1): fc8.weight",
    );
    assertEquals(tf.memory().numTensors, held);
  });
});

Deno.test("loadModel names what a checkpoint's folder lacks", async () => {
  await assertRejects(
    () => loadModel(registry, { kind: "checkpoint", folder: "/gone", info }),
    Deno.errors.NotFound,
    "/gone/checkpoints/last.safetensors",
  );
});

Deno.test("a checkpoint whose stage.json says too little is refused, with what to do", () => {
  const { weights: _, ...without } = info;
  const stored = { kind: "checkpoint", folder: "/run/stages/net", info: without };
  const error = assertThrows(
    () => readArtifact(stored, ARTIFACTS.checkpoint),
    TypeError,
    "Cannot read the checkpoint of stage net: /run/stages/net/stage.json was damaged, or an earlier version wrote it (weights: ",
  );
  assertStringIncludes(error.message, "run it again with --from net");
  assert(isUserError(error), "a trace would be printed");
});

Deno.test("loadModel tells the backbone how many classes there are", async () => {
  await tf.setBackend("cpu");
  const use = { patch: 8, channels: 8, depth: 1, heads: 2, imageSize: 16, classTokens: "classes" };
  const backboneUse = { use: "vit", ...use };
  const backbone = await registry.create("backbone", backboneUse, { classes: 2 });
  const head = await registry.create("head", { use: "cam" }, { taps: backbone.taps, classes: 2 });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(3));
  const state = await params.toStateDict();
  params.dispose();
  await withCheckpoint(state, async (folder) => {
    const artifact = { kind: "checkpoint", folder, info: { ...info, backbone: backboneUse } };
    using loaded = await loadModel(registry, artifact as Parameters<typeof loadModel>[1]);
    assertEquals(loaded.model.params.get("class_tokens").shape, [1, 2, 8]);
  });
});
