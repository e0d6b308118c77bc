import { assert, assertEquals } from "@std/assert";
import { callSeamstress } from "../call.ts";
import { inTempFolder, seamstress } from "../command.ts";
import { PROTOTYPE_MEMORY, prototypeTraining } from "../outside/prototype_training.ts";
import { filesOf } from "../plugins/groups/setup.ts";

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
