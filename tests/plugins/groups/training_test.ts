import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inTempFolder } from "../../command.ts";
import { StopAfter } from "../../stop_after.ts";
import { failureOf, FAULTY, faultyTraining, filesOf, runGroup, TRAINING } from "./setup.ts";

Deno.test("1, 2 and 4 workers train to the same bits as one thread, ER active", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/single`, { recipe: TRAINING });
    const single = await filesOf(`${folder}/single`, "seam");
    // Weights, the optimizer's state and the numbers that decide what is best.
    assert("checkpoints/last-4.safetensors" in single, Object.keys(single).join());
    assert("checkpoints/last-4.state.safetensors" in single, Object.keys(single).join());
    for (const count of [1, 2, 4]) {
      const set = ["seam.workers=1"];
      await runGroup(`${folder}/${count}`, { recipe: TRAINING, count, set });
      assertEquals(await filesOf(`${folder}/${count}`, "seam"), single, `${count} workers`);
    }
  });
});

Deno.test("a training that was stopped goes on with another number of workers to the same bits", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/whole`, { recipe: TRAINING });
    // Before the run, before the stage, after step 1, after step 2.
    const stop = new StopAfter(3);
    const run = `${folder}/stopped`;
    assertStringIncludes(
      await failureOf(run, { recipe: TRAINING, count: 2, stop }),
      "after step 2 of 4",
    );
    await runGroup(run, { recipe: TRAINING, count: 4, resume: true });
    const last = "checkpoints/last-4.safetensors";
    assertEquals(
      (await filesOf(run, "seam"))[last],
      (await filesOf(`${folder}/whole`, "seam"))[last],
    );
  });
});

Deno.test("a number of workers that the micro-batches cannot be shared among is refused with those that they can", async () => {
  await inTempFolder(async (folder) => {
    assertStringIncludes(
      await failureOf(`${folder}/run`, { recipe: TRAINING, count: 3 }),
      "Cannot plan stage seam on 3 ranks: it can be shared among 1 or 2 or 4; use so many ranks",
    );
  });
});

/** Retraining with batch norms that train, 2 micro-batches a step. */
const NORMS = `
name: norms
backend: wasm
dataset: { use: mini, size: 32 }
observers: []
stages:
  - id: retrain
    run: train
    split: "train[0:8]"
    backbone: { use: resnet38, width: 1, trainFrom: conv1a, norm: { momentum: 0.1, statistics: 2 } }
    head: { use: deeplabv1, channels: 4, dilation: 2, momentum: 0.1, statistics: 2 }
    method: segmentation
    losses: [{ use: cross-entropy, mean: batch }]
    optimizer: { use: adam, lr: 0.01 }
    batch: { size: 4, micro: 2, runningStatistics: first }
    workers: 0
    epochs: 1
    transforms: [flip, normalize, { use: random-crop, size: 24 }]
`;

Deno.test("batch norm's statistics of the first micro-batch are those of one thread", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/single`, { recipe: NORMS });
    await runGroup(`${folder}/two`, { recipe: NORMS, count: 2 });
    assertEquals(
      await filesOf(`${folder}/two`, "retrain"),
      await filesOf(`${folder}/single`, "retrain"),
    );
  });
});

Deno.test("what computes over the whole batch is named where several ranks are asked for", async () => {
  await inTempFolder(async (folder) => {
    const recipe = NORMS.replaceAll("statistics: 2", "statistics: batch")
      .replace("micro: 2, ", "");
    assertEquals(
      await failureOf(`${folder}/run`, { recipe, count: 2 }),
      "Cannot plan stage retrain on 2 ranks: the batch of 4 is computed at once for backbone.norm.statistics, head.statistics, " +
        "loss cross-entropy; use one rank",
    );
  });
});

Deno.test("statistics that every micro-batch moves in turn are not shared", async () => {
  await inTempFolder(async (folder) => {
    const recipe = NORMS.replace(", runningStatistics: first", "");
    assertEquals(
      await failureOf(`${folder}/run`, { recipe, count: 2 }),
      "Cannot plan stage retrain on 2 ranks: each micro-batch in turn moves the running statistics of batch norm; use one rank",
    );
    await runGroup(`${folder}/auto`, { recipe, count: "auto" });
  });
});

for (
  const [what, use] of [["fails", "fails"], ["has a loss that is not a number", "marks"]] as const
) {
  Deno.test(`a rank whose sample ${what} ends the run as one thread would`, async () => {
    await inTempFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/faulty.ts`, FAULTY);
      const settings = [`plugins=[${folder}/faulty.ts]`];
      for (const index of [3, 9]) {
        const { name, recipe } = faultyTraining(use, index);
        const [one, two] = [`${folder}/one${index}`, `${folder}/two${index}`];
        const single = await failureOf(one, { recipe, set: settings });
        assertStringIncludes(single, name);
        assertEquals(await failureOf(two, { recipe, set: settings, count: 2 }), single);
      }
    });
  });
}
