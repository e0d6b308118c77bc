import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { StepEvent } from "../../../core/contracts/observer.ts";
import { isUserError } from "../../../core/errors.ts";
import { readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { runScene, withFolder } from "./scene.ts";

const train = (options: Record<string, unknown> = {}, head: Record<string, unknown> = {}) => ({
  id: "retrain",
  run: "train",
  split: "train[0:12]",
  backbone: "tiny",
  head: { use: "deeplabv1", channels: 6, dilation: 2, momentum: 0.1, ...head },
  method: "segmentation",
  losses: [{ use: "cross-entropy", mean: "batch" }],
  optimizer: { use: "sgd", lr: 0.05, momentum: 0.9, weightDecay: 0.0005, schedule: "poly" },
  batch: { size: 4 },
  epochs: 2,
  checkpointEvery: 1,
  workers: 0,
  transforms: [{ use: "scale" }, "flip", "hsv", "normalize", { use: "random-crop", size: 32 }],
  ...options,
});

/** The weights' file of a finished training, and the two files of its last checkpoint. */
async function filesOf(folder: string): Promise<Uint8Array[]> {
  const checkpoints = `${folder}/retrain/checkpoints`;
  return await Promise.all(
    ["last-6.safetensors", "last-6.state.safetensors"]
      .map((name) => Deno.readFile(`${checkpoints}/${name}`)),
  );
}

Deno.test("train retrains by masks: it learns, its buffers move, and no step leaves tensors", async () => {
  await withFolder(async (folder) => {
    const losses: number[] = [], tensors: number[] = [];
    const step = (event: StepEvent) => {
      losses.push(event.losses["cross-entropy"]!);
      tensors.push(tf.memory().numTensors);
    };
    const long = train({ epochs: 4, transforms: ["normalize"] });
    await runScene(folder, [long], { observer: { step } });
    assertEquals(losses.length, 12);
    assert(losses.at(-1)! < 0.8 * losses[0]!, losses.join(" "));
    assertEquals(new Set(tensors.slice(1)).size, 1, `tensors by step: ${tensors}`);
    const { tensors: weights } = await readSafetensors(
      `${folder}/retrain/checkpoints/last-12.safetensors`,
    );
    for (const name of ["bn_fov", "bn_fov2"]) {
      const mean = weights.get(`${name}.running_mean`)!,
        variance = weights.get(`${name}.running_var`)!;
      assertEquals([mean.shape, variance.shape], [[6], [6]]);
      assertNotEquals([...mean.data as Float32Array], new Array(6).fill(0));
      assertNotEquals([...variance.data as Float32Array], new Array(6).fill(1));
    }
  });
});

Deno.test("train, killed at any step, resumes with batch norm's statistics and ends to the last bit", async () => {
  await withFolder(async (whole) => {
    await runScene(whole, [train()]);
    const wanted = await filesOf(whole);
    for (const last of [1, 4]) {
      await withFolder(async (folder) => {
        const kill = {
          step: ({ step }: { readonly step: number }) => {
            if (step > last) throw new Error("killed");
          },
        };
        await assertRejects(() => runScene(folder, [train()], { observer: kill }), Error, "killed");
        const steps: number[] = [];
        await runScene(folder, [train()], {
          observer: { step: ({ step }) => void steps.push(step) },
        });
        assertEquals(steps[0], last + 1);
        assertEquals(await filesOf(folder), wanted);
      });
    }
  });
});

Deno.test("train takes batch norm's statistics over the micro-batch that the head states, and no other", async () => {
  await withFolder(async (folder) => {
    const refuse = async (batch: unknown, statistics: unknown, text: string) => {
      const stage = train({ batch }, statistics ? { statistics } : {});
      const error = await assertRejects(() => runScene(folder, [stage]), RangeError, text);
      assert(isUserError(error));
    };
    await refuse(
      { size: 4, micro: 2 },
      undefined,
      "Cannot plan stage retrain: batch.micro is 2, but batch norm takes its statistics over the whole batch of 4, " +
        "and micro-batches are normalised one by one; set batch.micro to 4, or head.statistics to 2 (another result)",
    );
    await refuse({ size: 4 }, 2, "batch norm takes its statistics over 2 samples");
    await refuse({ size: 4, micro: 3 }, 3, "make batch.size a multiple of it");
    assertEquals([...Deno.readDirSync(folder)], []);
    await runScene(`${folder}/whole`, [train({ batch: { size: 4, micro: 4 } })]);
    await runScene(`${folder}/halves`, [
      train({ batch: { size: 4, micro: 2 } }, { statistics: 2 }),
    ]);
    await runScene(`${folder}/implied`, [train()]);
    assertEquals(await filesOf(`${folder}/implied`), await filesOf(`${folder}/whole`));
    assertNotEquals(await filesOf(`${folder}/halves`), await filesOf(`${folder}/whole`));
  });
});
