import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { runScene, withFolder } from "./scene.ts";

type Settings = Readonly<Record<string, unknown>>;

/** Retraining in which nothing is frozen: 3 steps an epoch of two micro-batches. */
const train = (options: Settings = {}, norm: Settings = {}, head: Settings = {}) => ({
  id: "retrain",
  run: "train",
  split: "train[0:12]",
  backbone: {
    use: "resnet38",
    width: 1,
    trainFrom: "conv1a",
    norm: { momentum: 0.1, statistics: 2, ...norm },
  },
  head: { use: "deeplabv1", channels: 4, dilation: 2, momentum: 0.1, statistics: 2, ...head },
  method: "segmentation",
  losses: [{ use: "cross-entropy", mean: "batch" }],
  optimizer: {
    use: "sgd",
    lr: 0.05,
    momentum: 0.9,
    groups: [{ match: ["*bn*"], lr: 0, weightDecay: 0 }],
  },
  batch: { size: 4, micro: 2 },
  epochs: 1,
  checkpointEvery: 1,
  workers: 0,
  transforms: ["flip", "normalize", { use: "random-crop", size: 24 }],
  ...options,
});

/** Weights and buffers of a finished training, by name. */
async function stateOf(folder: string) {
  const path = `${folder}/retrain/checkpoints/last-3.safetensors`;
  const { tensors } = await readSafetensors(path);
  const all = [...tensors].map(([name, { data }]) => [name, [...data as Float32Array]] as const);
  const isBuffer = (name: string) => name.includes("running_");
  return {
    buffers: new Map(all.filter(([name]) => isBuffer(name))),
    weights: new Map(all.filter(([name]) => !isBuffer(name))),
  };
}

Deno.test("train moves every running statistic of a backbone, and leaves batch norm's weights to the optimizer's groups", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, [train()]);
    const { buffers, weights } = await stateOf(folder);
    assertEquals(buffers.size, 2 * 39);
    for (const [name, values] of buffers) {
      const start = name.endsWith("running_mean") ? 0 : 1;
      assert(values.every((value) => value !== start), name);
    }
    for (const [name, values] of weights) {
      if (!/(^|\.)bn/.test(name)) continue;
      assertEquals(new Set(values), new Set([name.endsWith("weight") ? 1 : 0]), name);
    }
  });
});

Deno.test("train, killed, resumes a backbone's running statistics to the last bit, blocks computed again or not", async () => {
  await withFolder(async (whole) => {
    await runScene(whole, [train()]);
    const wanted = await stateOf(whole);
    for (const options of [{}, { recompute: "blocks" }]) {
      await withFolder(async (folder) => {
        const step = ({ step }: { readonly step: number }) => {
          if (step > 1) throw new Error("killed");
        };
        const stage = train(options);
        await assertRejects(
          () => runScene(folder, [stage], { observer: { step } }),
          Error,
          "killed",
        );
        await runScene(folder, [stage]);
        assertEquals(await stateOf(folder), wanted);
      });
    }
  });
});

Deno.test("train moves running statistics by every micro-batch, or by the first alone", async () => {
  await withFolder(async (folder) => {
    const run = async (runningStatistics: string | undefined) => {
      const batch = { size: 4, micro: 2, ...runningStatistics && { runningStatistics } };
      await runScene(`${folder}/${runningStatistics}`, [train({ batch })]);
      return await stateOf(`${folder}/${runningStatistics}`);
    };
    const implied = await run(undefined), every = await run("every"), first = await run("first");
    assertEquals(implied, every);
    // Trainings do not read them.
    assertEquals(first.weights, every.weights);
    for (const [name, values] of first.buffers) {
      assertNotEquals(values, every.buffers.get(name), name);
    }
  });
});

Deno.test("train takes the statistics of backbone and head over one micro-batch, the one that they state", async () => {
  await withFolder(async (folder) => {
    const refuse = async (stage: ReturnType<typeof train>, text: string) => {
      const error = await assertRejects(() => runScene(folder, [stage]), RangeError, text);
      assert(isUserError(error));
    };
    await refuse(
      train({ batch: { size: 4 } }),
      "Cannot plan stage retrain: batch.micro is 4, but batch norm takes its statistics over 2 samples, and micro-batches are " +
        "normalised one by one; set batch.micro to 2, or backbone.norm.statistics and head.statistics to 4 (another result)",
    );
    await refuse(
      train({}, { statistics: "batch" }),
      "Cannot plan stage retrain: backbone.norm.statistics is batch and head.statistics is 2, but both see the same " +
        "micro-batches; say the same for both",
    );
    await refuse(
      train({}, { statistics: 1 }),
      "backbone.norm.statistics is 1 and head.statistics is 2",
    );
    await refuse(train({ batch: { size: 5, micro: 2 } }), "make batch.size a multiple of it");
    const frozen = { backbone: { use: "tiny" }, head: "cam", method: "classification-cam" };
    await refuse(
      train({
        ...frozen,
        losses: ["classification"],
        optimizer: { use: "sgd", lr: 0.1 },
        batch: { size: 4, runningStatistics: "first" },
      }),
      "Cannot plan stage retrain: batch.runningStatistics is first, but no batch norm of backbone or head trains; leave it out",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});
