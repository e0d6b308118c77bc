import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { inTempFolder, runSeamstress } from "../command.ts";
import { copyFolder } from "../folders.ts";
import { onTwoHosts } from "../plugins/groups/mpi/hosts.ts";
import { type Mpi, MPICH, mpiTest, OPEN_MPI, runJob } from "../plugins/groups/mpi/job.ts";
import {
  taskOf,
  train,
  trainAndSignal,
  trained,
  trainedAlone,
  type Training,
  writeRecipe,
} from "../plugins/groups/mpi/training.ts";
import { FAULTY, faultyTraining, filesOf } from "../plugins/groups/setup.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

mpiTest(
  "1, 2 and 4 ranks of an MPI job train to the bits of one process, ER active",
  async (mpi) => {
    await inTempFolder(async (folder) => {
      await writeRecipe(folder);
      const alone = await trainedAlone(`${folder}/alone`);
      assert("checkpoints/last-8.safetensors" in alone, Object.keys(alone).join());
      assert("checkpoints/last-8.state.safetensors" in alone, Object.keys(alone).join());
      for (const ranks of [1, 2, 4]) {
        assertEquals(
          await trained({ mpi, ranks, run: `${folder}/${ranks}` }),
          alone,
          `${ranks} ranks`,
        );
      }
    });
  },
);

/** What a training gave in the end: the last weights and the optimizer's state. */
const last = (files: Record<string, string>) =>
  Object.entries(files).filter(([name]) => name.startsWith("checkpoints/last-8."));

/** Kills a rank in the middle, goes on with each number of ranks, and compares with an unbroken run. */
async function killAndResume(
  folder: string,
  killed: Omit<Training, "run">,
  goOn: readonly (Omit<Training, "run"> | "alone")[],
) {
  await writeRecipe(folder);
  let run = "";
  for (let attempt = 1;; attempt++) {
    run = `${folder}/killed-${attempt}`;
    const { code, out, left } = await trainAndSignal({ ...killed, run }, killed.ranks - 1, "KILL");
    assertEquals(left, [], "ranks outlive their job");
    if (code !== 0) break;
    // It ended before it could be killed.
    assert(attempt < 5, out);
  }
  const whole = last(await trainedAlone(`${folder}/whole`));
  assertEquals(whole.length, 2);
  for (const [i, how] of goOn.entries()) {
    const again = `${folder}/again-${i}`;
    await copyFolder(run, again);
    const files = how === "alone"
      ? await trainedAlone(again, "--resume")
      : await trained({ ...how, run: again, args: ["--resume"] });
    assertEquals(last(files), whole, `resumed with ${JSON.stringify(how)}`);
  }
}

mpiTest(
  "a training of which a rank is killed goes on with 1 and 4 ranks, and without MPI, to the bits of an unbroken run",
  async (mpi) => {
    await inTempFolder((folder) =>
      killAndResume(folder, { mpi, ranks: 2 }, [{ mpi, ranks: 1 }, { mpi, ranks: 4 }, "alone"])
    );
  },
  // Open MPI's is killed on two hosts, below.
  [MPICH],
);

mpiTest(
  "a training on two hosts with TCP between them is killed on one, and goes on to the bits of an unbroken run",
  async (mpi) => {
    await inTempFolder((folder) =>
      onTwoHosts(
        folder,
        (hosts) =>
          killAndResume(folder, { mpi, hosts, ranks: 2 }, [{ mpi, hosts, ranks: 2 }, "alone"]),
      )
    );
  },
  [OPEN_MPI],
);

mpiTest(
  "rank 0 that is asked to stop saves its state, ends the job with its exit code, and says how to go on",
  async (mpi) => {
    await inTempFolder(async (folder) => {
      await writeRecipe(folder);
      const run = `${folder}/run`;
      const { code, out, left } = await trainAndSignal({ mpi, ranks: 2, run }, 0, "INT");
      assertEquals([code, left], [130, []], out);
      assertMatch(
        out,
        /^Stopped training seam after step \d+ of 8; go on with\n {2}deno .*--resume$/m,
      );
      const resumed = await trained({ mpi, ranks: 2, run, args: ["--resume"] });
      assertEquals(last(resumed), last(await trainedAlone(`${folder}/alone`)));
    });
  },
  [OPEN_MPI],
);

/** Settings of a whole pipeline as small as can be. */
const SMALL = [
  ...["backend=wasm", "split=train[0:4]", "epochs=1", "batch.size=2", "seam.losses.er.start=0"],
  ...["seam.batch.micro=1", "affinity.batch.micro=1", "seam.checkpointEvery=1"],
].flatMap((set) => ["--set", set]);

mpiTest(
  "a pipeline by deno task run-mpi leaves the files of one process, byte for byte",
  async (mpi) => {
    const run = `runs/mpi-test-${crypto.randomUUID()}`;
    const recipe = "recipes/mini/seam-full.yaml";
    // The stages after it learn from statistics of a whole batch, which ranks cannot share.
    const args = [recipe, ...SMALL, "--until", "walk-crf-score"];
    try {
      const { code, out, err } = await runJob(taskOf({ mpi, ranks: 2, run, args }));
      assertEquals(code, 0, err + out);
      await inTempFolder(async (folder) => {
        const alone = await runSeamstress([
          "run",
          ...args,
          "--group=single",
          "--out",
          folder + "/alone",
        ]);
        assertEquals(alone.code, 0, alone.err);
        for (
          const id of ["seam", "cams", "affinity-labels", "affinity", "walk", "walk-crf-score"]
        ) {
          assertEquals(
            await filesOf(`${ROOT}${run}`, id),
            await filesOf(`${folder}/alone`, id),
            id,
          );
        }
      });
    } finally {
      await Deno.remove(`${ROOT}${run}`, { recursive: true }).catch(() => {});
    }
  },
  [OPEN_MPI],
);

async function refused(
  folder: string,
  mpi: Mpi,
  ranks: number,
  ...args: string[]
): Promise<string> {
  const run = `${folder}/${crypto.randomUUID()}`;
  const { code, out, err } = await train({ mpi, ranks, run, args });
  assertNotEquals(code, 0);
  return out + err;
}

mpiTest("a job that cannot share the work, and one of whose ranks fails, say why", async (mpi) => {
  await inTempFolder(async (folder) => {
    await writeRecipe(folder);
    assertMatch(
      await refused(folder, mpi, 3),
      /^error: Cannot plan stage seam on 3 ranks: it can be shared among 1 or 2 or 4/m,
    );
    await Deno.writeTextFile(`${folder}/faulty.ts`, FAULTY);
    for (const index of [3, 9]) {
      const { name, recipe } = faultyTraining("fails", index);
      await writeRecipe(folder, recipe);
      const said = await refused(folder, mpi, 2, "--set", `plugins=[${folder}/faulty.ts]`);
      assertMatch(
        said,
        new RegExp(`^(error|rank 1 of 2 ends the MPI job): .*Cannot read ${name}`, "m"),
      );
    }
  });
}, [MPICH]);
