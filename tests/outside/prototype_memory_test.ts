import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeSafetensors } from "../../plugins/formats/safetensors.ts";
import { inTempFolder } from "../command.ts";
import { failureOf, filesOf, runGroup } from "../plugins/groups/setup.ts";
import { StopAfter } from "../stop_after.ts";
import { PROTOTYPE_MEMORY, prototypeTraining } from "./prototype_training.ts";

async function tensorsOf(path: string) {
  return decodeSafetensors(await Deno.readFile(path), path).tensors;
}

Deno.test("prototypes and projection of an outside method: killed, resumed and shared among ranks, the same bits", async () => {
  await inTempFolder(async (folder) => {
    // A file of its own, as a user would have it.
    await Deno.copyFile(PROTOTYPE_MEMORY, `${folder}/prototype_memory.ts`);
    const text = prototypeTraining("./prototype_memory.ts");
    await runGroup(`${folder}/whole`, { recipe: text });
    const whole = await filesOf(`${folder}/whole`, "train");
    const last = "checkpoints/last-4.safetensors";
    const state = "checkpoints/last-4.state.safetensors";

    const stop = new StopAfter(3);
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
    await Deno.copyFile(PROTOTYPE_MEMORY, `${folder}/prototype_memory.ts`);
    const text = prototypeTraining("./prototype_memory.ts").replace(/method: .*/, "method: seam")
      .replace(
        /clip: .*/,
        "",
      );
    assertStringIncludes(
      await failureOf(`${folder}/run`, { recipe: text }),
      "loss prototype-memory needs pixels, pseudo, prototypes, but head with-tap with method seam gives cam, cam_rv, feature, pair, view",
    );
  });
});
