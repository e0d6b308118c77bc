import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeSafetensors } from "../../plugins/formats/safetensors.ts";
import { callSeamstress } from "../call.ts";
import { inTempFolder, seamstress } from "../command.ts";
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

Deno.test("an outside method that is killed with SIGKILL and resumed ends with the bits of a run that was not", async () => {
  await inTempFolder(async (folder) => {
    await Deno.copyFile(PROTOTYPE_MEMORY, `${folder}/prototype_memory.ts`);
    const text = prototypeTraining("./prototype_memory.ts").replace(
      "observers: []",
      "observers: [jsonl]",
    )
      .replace("epochs: 2", "epochs: 8").replace("checkpointEvery: 1", "checkpointEvery: 2");
    await Deno.writeTextFile(`${folder}/r.yaml`, text);
    const args = ["run", `${folder}/r.yaml`, "--set=group=single"];
    const whole = await callSeamstress([...args, `--out=${folder}/whole`]);
    assertEquals(whole.code, 0, whole.err);

    const child = seamstress([...args, `--out=${folder}/killed`]).spawn();
    const drained = Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    const log = `${folder}/killed/metrics.jsonl`;
    const logged = async () =>
      (await Deno.readTextFile(log).catch(() => "")).split('"event":"step"').length - 1;
    while (await logged() < 5) await new Promise((r) => setTimeout(r, 10));
    child.kill("SIGKILL");
    await Promise.all([child.status, drained]);
    assert(await logged() < 16, "the run was over before it was killed");

    const resumed = await callSeamstress([...args, `--out=${folder}/killed`, "--resume"]);
    assertEquals(resumed.code, 0, resumed.err);
    const wanted = await filesOf(`${folder}/whole`, "train");
    const found = await filesOf(`${folder}/killed`, "train");
    for (const file of ["last-16.safetensors", "last-16.state.safetensors"]) {
      assertEquals(found[`checkpoints/${file}`], wanted[`checkpoints/${file}`], file);
    }
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
