import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { writeAtomic } from "../../core/run/atomic.ts";
import type { Progress } from "../../core/trainer/progress.ts";
import { Checkpoints } from "../../plugins/wsss/training/checkpoints.ts";
import { presentBackends } from "../backends.ts";
import { inTempFolder } from "../command.ts";
import { leaveOut } from "../leave_out.ts";
import { loggedSteps } from "../logged.ts";
import { mpiTest, OPEN_MPI } from "../plugins/groups/mpi/job.ts";
import { trained, trainedAlone, writeRecipe } from "../plugins/groups/mpi/training.ts";

/** A loss so large that its gradients, times the first loss scale, overflow a float16. */
const RECIPE = `
name: half
backend: { use: webgpu, precision: f16 }
dataset: { use: mini, size: 16 }
observers: [jsonl]
stages:
  - id: seam
    run: train
    split: "train[0:4]"
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [{ use: classification, weight: 3000 }]
    optimizer: { use: sgd, lr: 0.000003, momentum: 0.9 }
    batch: { size: 2, micro: 1 }
    epochs: 1
    transforms: [normalize]
`;

/** The losses of a run, and its loss scale in the end. */
async function findingsOf(run: string) {
  const losses: number[] = (await loggedSteps(run)).map(({ losses: { loss } }) => loss);
  const checkpoints = await Checkpoints.open(`${run}/stages/seam/checkpoints`, writeAtomic);
  const { lossScale } = (await checkpoints.read("last"))!.training!.progress as Progress;
  return { losses, lossScale };
}

const NAME = "ranks agree on the loss scale where gradients overflow a float16";
if (presentBackends.includes("webgpu")) {
  mpiTest(NAME, async (mpi) => {
    await inTempFolder(async (folder) => {
      await writeRecipe(folder, RECIPE);
      await trainedAlone(`${folder}/alone`);
      await trained({ mpi, ranks: 2, run: `${folder}/two` });
      const alone = await findingsOf(`${folder}/alone`);
      const two = await findingsOf(`${folder}/two`);
      assert(alone.lossScale!.factor < 65536, "nothing overflowed");
      assertEquals(two.lossScale, alone.lossScale);
      assertEquals(two.losses.length, 8);
      two.losses.forEach((loss, i) =>
        assertAlmostEquals(loss, alone.losses[i]!, 1e-3 * alone.losses[i]!)
      );
    });
  }, [OPEN_MPI]);
} else leaveOut(`${NAME}: no WebGPU with float16`);
