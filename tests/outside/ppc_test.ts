import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeSafetensors } from "../../plugins/formats/safetensors.ts";
import { inTempFolder } from "../command.ts";
import { failureOf, filesOf, runGroup } from "../plugins/groups/setup.ts";

const MODULE = new URL("./ppc.ts", import.meta.url).href;

/** SEAM with contrast to remembered prototypes, 4 steps of 4 micro-batches; the contrast grows from nothing to 0.1. */
const recipe = (module: string) => `
name: ppc
backend: wasm
plugins: ["${module}"]
dataset: { use: mini, size: 16 }
observers: []
stages:
  - id: train
    run: train
    split: "train[0:16]"
    backbone: tiny
    head: { use: with-tap, inner: { use: seam, low: t3, mid: t4, lowChannels: 8, midChannels: 16, imageScale: 4 } }
    method: { use: ppc, inner: { use: seam, view: { use: rescale, scale: 0.5 } } }
    losses: [classification, ecr, { use: ppc, weight: { use: warmup, steps: 3, times: 0.1 } }]
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9 }
    clip: { norm: 5, match: ["method/projection.*", "fc8.*"] }
    batch: { size: 8, micro: 2 }
    epochs: 2
    checkpointEvery: 1
    transforms: [flip, normalize]
`;

async function tensorsOf(path: string) {
  return decodeSafetensors(await Deno.readFile(path), path).tensors;
}

Deno.test("prototypes and projection of an outside method: killed, resumed and shared among ranks, the same bits", async () => {
  await inTempFolder(async (folder) => {
    // A file of its own, as a user would have it.
    await Deno.copyFile(new URL(MODULE), `${folder}/ppc.ts`);
    const text = recipe("./ppc.ts");
    await runGroup(`${folder}/whole`, { recipe: text });
    const whole = await filesOf(`${folder}/whole`, "train");
    const last = "checkpoints/last-4.safetensors";
    const state = "checkpoints/last-4.state.safetensors";

    let looks = 0;
    const stop = {
      get requested() {
        return ++looks > 3;
      },
    };
    const stopped = `${folder}/stopped`;
    assertStringIncludes(await failureOf(stopped, { recipe: text, stop }), "after step 2 of 4");
    await runGroup(stopped, { recipe: text, resume: true, count: 2 });
    for (const file of [last, state]) {
      assertEquals((await filesOf(stopped, "train"))[file], whole[file], file);
    }

    const network = await tensorsOf(`${folder}/whole/stages/train/${last}`);
    assert(network.has("fc8.weight"));
    assertEquals(
      [...network.keys()].filter((name) => /method|projection|prototypes/.test(name)),
      [],
    );
    const kept = await tensorsOf(`${folder}/whole/stages/train/${state}`);
    const prototypes = kept.get("kept across steps/method/prototypes");
    assert(prototypes?.data.some((value) => value !== 0), [...kept.keys()].join());
    assert(kept.has("momentum/method/projection.weight"), [...kept.keys()].join());
  });
});

Deno.test("a loss that needs what no method provides is refused with what there is", async () => {
  await inTempFolder(async (folder) => {
    await Deno.copyFile(new URL(MODULE), `${folder}/ppc.ts`);
    const text = recipe("./ppc.ts").replace(/method: .*/, "method: seam").replace(/clip: .*/, "");
    assertStringIncludes(
      await failureOf(`${folder}/run`, { recipe: text }),
      "loss ppc needs pixels, pseudo, prototypes, but head with-tap with method seam gives cam, cam_rv, feature, pair, view",
    );
  });
});
