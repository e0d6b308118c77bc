import * as tf from "@tensorflow/tfjs";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Checkpoints } from "../../../plugins/wsss/training/checkpoints.ts";
import { isUserError } from "../../../core/errors.ts";
import { eachBackend } from "../../backends.ts";
import type { Loss } from "../../../core/contracts/loss.ts";
import type { Method } from "../../../core/contracts/method.ts";
import { brighten, fit, inFolder, quietBackend, toyBatches, trainToy } from "../trainer_toy.ts";

/** Sample 5's value is not a number: the fit is NaN wherever it is in the batch. */
function poisoned(): ReturnType<typeof toyBatches> {
  const good = toyBatches(8);
  return {
    stepsPerEpoch: good.stepsPerEpoch,
    async *batches(epoch, fromStep) {
      for await (const batch of good.batches(epoch, fromStep)) {
        const row = batch.indices.indexOf(5);
        if (row >= 0 && epoch === 1) batch.image[row * 27] = NaN;
        yield batch;
      }
    },
  };
}

eachBackend(
  "train() stops at a NaN loss, naming stage, step, loss, samples and the last good checkpoint",
  () =>
    inFolder(async (folder) => {
      const losses = [
        {
          name: "steady",
          loss: {
            needs: [],
            compute: ({ targets }: { targets: Readonly<Record<string, tf.Tensor>> }) =>
              targets["label"]!.mean<tf.Scalar>(),
          },
          weight: 1,
          start: 0,
        },
        { name: "fit", loss: fit("cam"), weight: 1, start: 0 },
      ];
      const error = await assertRejects(
        () => trainToy({ folder, batches: poisoned(), losses, microBatch: 2, checkpointEvery: 1 }),
        RangeError,
      );
      assert(isUserError(error));
      const last = await (await Checkpoints.open(folder, writeAtomic)).last();
      assert(last !== undefined && last.step >= 3);
      for (
        const text of [
          "training toy",
          `step ${last.step + 1}`,
          "loss fit is NaN",
          "sample-5",
          `step ${last.step}, ${last.weights}`,
        ]
      ) assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
      assertEquals(error.message.match(/sample-/g)?.length, 2, "only the micro-batch's samples");
      const { weights } = (await (await Checkpoints.open(folder, writeAtomic)).read("last"))!;
      for (const { data } of weights.values()) {
        assert((data as Float32Array).every(Number.isFinite));
      }
    }),
);

Deno.test("train() writes no checkpoint with a weight that is not finite", async () => {
  await tf.setBackend("cpu");
  await inFolder(async (folder) => {
    const error = await assertRejects(
      () =>
        trainToy({
          folder,
          losses: [{ name: "fit", loss: fit("cam"), weight: 1, start: 0 }],
          prepare: (params) => {
            tf.tidy(() => params.get("aux.weight").assign(tf.fill([1, 1, 3, 3], Infinity)));
          },
        }),
      RangeError,
      "aux.weight is not finite; no checkpoint was written before",
    );
    assert(isUserError(error));
    assertEquals(await (await Checkpoints.open(folder, writeAtomic)).last(), undefined);
  });
});

Deno.test("train() stops at a device error before a checkpoint is written", async () => {
  await tf.setBackend("cpu");
  await inFolder(async (folder) => {
    let calls = 0;
    const backend = {
      ...quietBackend,
      check: () => ++calls < 3 ? Promise.resolve() : Promise.reject(new Error("device lost")),
    };
    const steps: number[] = [];
    await assertRejects(
      () =>
        trainToy({
          folder,
          backend,
          checkpointEvery: 1,
          observer: { step: ({ step }) => void steps.push(step) },
        }),
      Error,
      "device lost",
    );
    const last = await (await Checkpoints.open(folder, writeAtomic)).last();
    assertEquals(last?.step, steps.at(-1));
  });
});

Deno.test("train() refuses to continue another training", async () => {
  await tf.setBackend("cpu");
  await inFolder(async (folder) => {
    await trainToy({ folder, maxSteps: 2 });
    for (const [change, text] of [[{ seed: 3 }, "seed"], [{ epochs: 5 }, "totalSteps"]] as const) {
      const error = await assertRejects(() => trainToy({ folder, ...change }), RangeError, text);
      assert(isUserError(error));
    }
  });
});

Deno.test("train() refuses losses of one name, none from the start, and clipping of nothing", async () => {
  await tf.setBackend("cpu");
  await inFolder(async (folder) => {
    const loss = { name: "fit", loss: fit("cam"), weight: 1, start: 0 };
    const cases = [
      [{ losses: [loss, loss] }, "two losses are named fit"],
      [{ losses: [{ ...loss, name: "loss" }] }, "two losses are named loss"],
      [{ losses: [{ ...loss, start: 1 }] }, "no loss starts at step 0"],
      [{ clip: { norm: 1, match: ["fc9.*"] } }, "fc9.*"],
    ] as const;
    for (const [change, text] of cases) {
      const error = await assertRejects(() => trainToy({ folder, ...change }), RangeError, text);
      assert(isUserError(error));
    }
  });
});

Deno.test("train() says where an epoch has fewer batches than it should", async () => {
  await tf.setBackend("cpu");
  await inFolder(async (folder) => {
    const batches = { ...toyBatches(8), stepsPerEpoch: 4 };
    const { batches: short } = toyBatches(8);
    await assertRejects(
      () =>
        trainToy({
          folder,
          batches: { ...batches, batches: (epoch, from) => short.call(toyBatches(8), epoch, from) },
        }),
      Error,
      "Epoch 0 ended after 3 steps, it should after 4",
    );
  });
});

eachBackend(
  "a kernel without a gradient is named with the loss or method that ran it, and what to do",
  () =>
    inFolder(async (folder) => {
      const stepped: Loss = {
        needs: ["cam"],
        compute: ({ views }) => views[0]!["cam"]!.cumprod(1).mean(),
      };
      const plain = { name: "fit", loss: fit("cam"), weight: 1, start: 0 };
      const losses = [plain, { name: "odd", loss: stepped, weight: 1, start: 0 }];
      const error = await assertRejects(() => trainToy({ folder, losses }), Error);
      assertStringIncludes(
        error.message,
        "Cannot differentiate loss odd: tfjs has no gradient of Cumprod; what needs none is computed within withoutGradient() of seamstress/ops",
      );
      const method: Method = {
        ...brighten,
        step(batch, context) {
          const { views, ...input } = brighten.step(batch, context);
          return {
            ...input,
            views: [{ ...views[0], cam: views[0]!["cam"]!.cumprod(1) as tf.Tensor4D }],
          };
        },
      };
      const other = await assertRejects(
        () => trainToy({ folder, method, losses: [plain] }),
        Error,
      );
      assertStringIncludes(other.message, "Cannot differentiate the method, or a backbone or head");
    }),
);
