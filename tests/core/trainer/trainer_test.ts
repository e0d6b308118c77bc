import * as tf from "@tensorflow/tfjs";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { Checkpoints } from "../../../plugins/wsss/training/checkpoints.ts";
import type { EpochEvent, StepEvent } from "../../../core/contracts/observer.ts";
import { toTorch } from "../../../plugins/wsss/parameters/layout.ts";
import type { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { eachBackend } from "../../backends.ts";
import { fit, inFolder, trainToy } from "../trainer_toy.ts";

type Weights = ReadonlyMap<string, Float32Array>;

/** ‖a − b‖ / ‖b‖ over all weights. */
function difference(a: Weights, b: Weights): number {
  let squares = 0, norm = 0;
  for (const [name, values] of b) {
    values.forEach((value, i) => {
      squares += (a.get(name)![i]! - value) ** 2;
      norm += value ** 2;
    });
  }
  return Math.sqrt(squares / norm);
}

/** A network's weights in PyTorch's layout. */
function weightsOf(params: ParamStore): Weights {
  return new Map(params.specs.map((spec) => [
    spec.name,
    toTorch(params.get(spec.name).dataSync<"float32">(), spec).slice(),
  ]));
}

const lateAux = [
  { name: "fit", loss: fit("cam"), weight: 1, start: 0 },
  { name: "aux", loss: fit("aux"), weight: 2, start: 4 },
];

eachBackend(
  "train() gives the same weights whatever the micro-batch",
  () =>
    inFolder(async (folder) => {
      const whole = await trainToy({ folder: `${folder}/8`, epochs: 2 });
      for (const microBatch of [4, 3, 1]) {
        const parts = await trainToy({ folder: `${folder}/${microBatch}`, epochs: 2, microBatch });
        const error = difference(parts.weights, whole.weights);
        assert(error < 2e-6, `micro-batch ${microBatch}: relative difference ${error}`);
      }
      const other = await trainToy({ folder: `${folder}/seed`, epochs: 2, seed: 2 });
      assert(difference(other.weights, whole.weights) > 1e-3, "the draws of a pass matter");
    }),
);

for (const use of ["sgd", "adam"]) {
  const optimizer = {
    use,
    lr: 0.05,
    weightDecay: 0.01,
    schedule: "poly",
    ...use === "sgd" && { momentum: 0.9 },
  };
  eachBackend(
    `train() with ${use}, stopped within an epoch and called again, ends bit-identical`,
    (backend) =>
      inFolder(async (folder) => {
        const common = { optimizer, losses: lateAux, microBatch: 3 };
        const straight = await trainToy({ folder: `${folder}/straight`, ...common });
        assertEquals([straight.steps, straight.totalSteps], [12, 12]);
        const resumed = { folder: `${folder}/resumed`, ...common };
        const first = await trainToy({ ...resumed, maxSteps: 5 });
        assertEquals([first.steps, first.totalSteps], [5, 12]);
        // New parameters, a new optimizer: all that goes on is what the checkpoint holds.
        const second = await trainToy(resumed);
        assertEquals(second.steps, 12);
        if (backend === "webgpu") assert(difference(second.weights, straight.weights) < 1e-5);
        else assertEquals(second.weights, straight.weights);
      }),
  );
}

eachBackend(
  "train() killed after its checkpoint goes on from there and reports each step and epoch as if it had not been",
  (backend) =>
    inFolder(async (folder) => {
      const log = (into: unknown[], failAt = Infinity) => ({
        step: ({ stage, step, totalSteps, epoch, losses, rates }: StepEvent) => {
          if (step === failAt) throw new Error("killed");
          into.push({ stage, step, totalSteps, epoch, losses, rates });
        },
        epoch: (event: EpochEvent) => void into.push(event),
      });
      const straight: unknown[] = [], killed: unknown[] = [], resumed: unknown[] = [];
      const whole = await trainToy({ folder: `${folder}/straight`, observer: log(straight) });
      const options = { folder: `${folder}/killed`, checkpointEvery: 2 };
      await assertRejects(
        () => trainToy({ ...options, observer: log(killed, 6) }),
        Error,
        "killed",
      );
      const { weights } = await trainToy({ ...options, observer: log(resumed) });
      if (backend === "webgpu") return;
      assertEquals(weights, whole.weights);
      // Steps 1 to 4, whose checkpoint is the last, with the epoch that ended; then from step 5 on.
      assertEquals([...killed.slice(0, 5), ...resumed], straight);
    }),
);

eachBackend("train() keeps the number of tensors constant", () =>
  inFolder(async (folder) => {
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    const observer = { step: () => void counts.push(tf.memory().numTensors) };
    await trainToy({ folder, observer, microBatch: 3, clip: { norm: 1, match: ["fc.*"] } });
    assertEquals(counts, Array(12).fill(counts[0]));
    assertEquals(tf.memory().numTensors, before);
  }));

eachBackend(
  "train() reports losses unweighted and their weighted total, means an epoch, and rates",
  () =>
    inFolder(async (folder) => {
      const steps: StepEvent[] = [], epochs: EpochEvent[] = [];
      const observer = {
        step: (event: StepEvent) => void steps.push(event),
        epoch: (event: EpochEvent) => void epochs.push(event),
      };
      await trainToy({ folder, observer, losses: lateAux, microBatch: 5 });
      assertEquals(steps.map(({ step }) => step), Array.from({ length: 12 }, (_, i) => i + 1));
      assertEquals(steps.map(({ epoch }) => epoch), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
      for (const { step, losses } of steps) {
        const { loss, fit, aux, ...rest } = losses as Record<string, number>;
        assertEquals(rest, {});
        // The fifth step is the first from step 4, counted from 0.
        assertEquals(aux === undefined, step <= 4, `step ${step}`);
        assertAlmostEquals(loss!, fit! + 2 * (aux ?? 0), 1e-12);
      }
      assertAlmostEquals(steps[6]!.rates[0]!, 0.05 * (1 - 6 / 12) ** 0.9, 1e-12);
      assert(steps.every(({ samplesPerSecond }) => samplesPerSecond > 0));
      assertEquals(epochs.map(({ epoch, epochs }) => [epoch, epochs]), [[1, 4], [2, 4], [3, 4], [
        4,
        4,
      ]]);
      const second = steps.slice(3, 6).map(({ losses }) => losses);
      const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
      assertAlmostEquals(epochs[1]!.losses["fit"]!, mean(second.map((l) => l["fit"]!)), 1e-12);
      assertAlmostEquals(
        epochs[1]!.losses["aux"]!,
        mean(second.slice(1).map((l) => l["aux"]!)),
        1e-12,
      );
    }),
);

eachBackend(
  "train() leaves a parameter alone until a loss that reaches it starts",
  () =>
    inFolder(async (folder) => {
      const name = "aux.weight";
      let start: Weights = new Map();
      const options = {
        folder,
        losses: lateAux,
        optimizer: { use: "sgd", lr: 0.1, momentum: 0.9, weightDecay: 0.1 },
      };
      const before = await trainToy({
        ...options,
        maxSteps: 4,
        prepare: (params) => start = weightsOf(params),
      });
      assertEquals(before.weights.get(name), start.get(name), "not even weight decay");
      const after = await trainToy({ ...options, maxSteps: 5 });
      after.weights.get(name)!.forEach((value, i) => assert(value !== start.get(name)![i]));
    }),
);

eachBackend("train() clips the gradients that the recipe names", () =>
  inFolder(async (folder) => {
    let start: Weights = new Map();
    const options = { maxSteps: 1, optimizer: { use: "sgd", lr: 0.5 } };
    const free = await trainToy({
      folder: `${folder}/free`,
      ...options,
      prepare: (params) => start = weightsOf(params),
    });
    const clip = { norm: 1e-3, match: ["fc.*"] };
    const clipped = await trainToy({ folder: `${folder}/clipped`, ...options, clip });
    const fc = clipped.weights.get("fc.weight")!;
    const moved = start.get("fc.weight")!.map((value, i) => fc[i]! - value);
    assertAlmostEquals(Math.hypot(...moved), 0.5 * 1e-3, 1e-6);
    assertEquals(clipped.weights.get("aux.weight"), free.weights.get("aux.weight"));
  }));

Deno.test("train() keeps the last checkpoint and that of the best epoch", async () => {
  await tf.setBackend("cpu");
  await inFolder(async (folder) => {
    const epochs: number[] = [];
    // The rate grows until training diverges: an epoch in the middle is the best.
    const optimizer = { use: "sgd", lr: 0.9, momentum: 0.95 };
    await trainToy({
      folder,
      optimizer,
      observer: { epoch: ({ losses }) => void epochs.push(losses["loss"]!) },
    });
    const checkpoints = await Checkpoints.open(folder, writeAtomic);
    assertEquals((await checkpoints.last())?.step, 12);
    const best = epochs.indexOf(Math.min(...epochs));
    assert(best < 3, `this test needs an epoch before the last to be the best: ${epochs}`);
    assertEquals((await checkpoints.best())?.step, 3 * (best + 1));
  });
});

Deno.test("train() does nothing where everything was done", async () => {
  await tf.setBackend("cpu");
  await inFolder(async (folder) => {
    const first = await trainToy({ folder });
    const again = await trainToy({
      folder,
      observer: { step: () => Promise.reject(new Error("no step was due")) },
    });
    assertEquals(again, first);
  });
});
