import { assertEquals, assertNotEquals } from "@std/assert";
import { fromFileUrl } from "../../../core/recipe/paths.ts";
import { PROTOTYPE_MEMORY, prototypeTraining } from "../../outside/prototype_training.ts";
import { inTempFolder } from "../../command.ts";
import { mpiTest, OPEN_MPI } from "./mpi/job.ts";
import {
  SETTINGS,
  taskOf,
  trainAndSignal,
  trained,
  trainedAlone,
  writeRecipe,
} from "./mpi/training.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));

mpiTest("a rank whose deno task is killed ends, and the job with it", async (mpi) => {
  const name = `runs/mpi-task-test-${crypto.randomUUID()}`;
  await inTempFolder(async (folder) => {
    await writeRecipe(folder);
    const training = { mpi, ranks: 2, run: `${ROOT}${name}` };
    const args = [`${folder}/recipe.yaml`, ...SETTINGS, "--set", "epochs=40"];
    const task = taskOf({ ...training, run: name, args });
    try {
      const { code, out, left } = await trainAndSignal(training, 1, "KILL", {
        job: task,
        command: `task run-mpi --out ${name}`,
      });
      assertNotEquals(code, 0, out);
      assertEquals(left, [], "ranks outlive their job");
    } finally {
      await Deno.remove(training.run, { recursive: true }).catch(() => {});
    }
  });
});

mpiTest(
  "what a method and a loss keep across steps has the bits of one process on the ranks of an MPI job",
  async (mpi) => {
    await inTempFolder(async (folder) => {
      await Deno.copyFile(PROTOTYPE_MEMORY, `${folder}/prototype_memory.ts`);
      const recipe = prototypeTraining("./prototype_memory.ts").replace("id: train", "id: seam");
      await writeRecipe(folder, recipe);
      const alone = await trainedAlone(`${folder}/alone`);
      assertNotEquals(alone["checkpoints/last-8.state.safetensors"], undefined);
      assertEquals(await trained({ mpi, ranks: 2, run: `${folder}/two` }), alone);
    });
  },
  [OPEN_MPI],
);
