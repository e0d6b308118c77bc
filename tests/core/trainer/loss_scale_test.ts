import * as tf from "@tensorflow/tfjs";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Checkpoints } from "../../../plugins/wsss/training/checkpoints.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import type { Loss } from "../../../core/contracts/loss.ts";
import type { Method } from "../../../core/contracts/method.ts";
import { isUserError } from "../../../core/errors.ts";
import type { Progress } from "../../../core/trainer/progress.ts";
import { scaledGradients } from "../../../core/trainer/scaled_gradients.ts";
import { batchNorm } from "../../../plugins/ops/batch_norm/batch_norm.ts";
import { eachBackend } from "../../backends.ts";
import { fit, inFolder, quietBackend, trainToy } from "../trainer_toy.ts";

/** One that stores activations in float16, as far as the trainer knows. */
const half = { ...quietBackend, precision: "f16" } as const;

/** A loss whose gradient is infinite where the loss is scaled by more than `most`. */
function overflowing(most: number): Loss {
  const plain = fit("cam");
  const through = tf.customGrad((...inputs) => ({
    value: (inputs[0] as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.where(tf.lessEqual(dy, most), dy, Infinity),
  }));
  return { ...plain, compute: (input, at) => through(plain.compute(input, at)) as tf.Scalar };
}

const losses = (most: number) => [
  { name: "fit", loss: overflowing(most), weight: 1, start: 0 },
];

async function scaleOf(folder: string) {
  const checkpoint = await (await Checkpoints.open(folder, writeAtomic)).read("last");
  return (checkpoint!.training!.progress as Progress).lossScale;
}

eachBackend(
  "a loss scale changes no weight, to the last bit where sums are in order",
  (backend) =>
    inFolder(async (folder) => {
      const plain = await trainToy({ folder: `${folder}/plain`, microBatch: 3 });
      const scaled = await trainToy({ folder: `${folder}/scaled`, microBatch: 3, backend: half });
      if (backend !== "webgpu") assertEquals(scaled.weights, plain.weights);
      for (const [name, values] of plain.weights) {
        values.forEach((value, i) =>
          assert(Math.abs(scaled.weights.get(name)![i]! - value) < 1e-5)
        );
      }
      assertEquals(await scaleOf(`${folder}/scaled`), { factor: 65536, steps: 12 });
      assertEquals(await scaleOf(`${folder}/plain`), undefined);
    }),
);

eachBackend(
  "a batch whose gradients overflow is computed again at half the scale",
  (backend) =>
    inFolder(async (folder) => {
      const before = tf.memory().numTensors;
      const counts: number[] = [];
      const plain = await trainToy({ folder: `${folder}/plain`, losses: losses(Infinity) });
      const observer = { step: () => void counts.push(tf.memory().numTensors) };
      const options = { losses: losses(5000), backend: half, observer };
      const scaled = await trainToy({ folder: `${folder}/scaled`, ...options });
      // 65536, 32768, 16384 and 8192 are too large.
      assertEquals(await scaleOf(`${folder}/scaled`), { factor: 4096, steps: 12 });
      assertEquals(scaled.steps, 12);
      assertEquals(new Set(counts).size, 1);
      const resumed = { folder: `${folder}/resumed`, ...options };
      await trainToy({ ...resumed, maxSteps: 5 });
      const again = await trainToy(resumed);
      assertEquals(await scaleOf(resumed.folder), { factor: 4096, steps: 12 });
      if (backend !== "webgpu") {
        assertEquals(scaled.weights, plain.weights);
        assertEquals(again.weights, plain.weights);
      }
      assertEquals(tf.memory().numTensors, before);
    }),
);

eachBackend(
  "running statistics move once where a batch is computed again at half the scale",
  async () => {
    const variables = {
      weight: tf.tensor1d([2]),
      bias: tf.tensor1d([1]),
      runningMean: tf.variable(tf.tensor1d([0])),
      runningVariance: tf.variable(tf.tensor1d([1])),
    };
    const x = tf.tensor4d([3, 5], [2, 1, 1, 1]);
    const factors: number[] = [];
    const { gradients, values, scale } = await scaledGradients((factor, again) => {
      factors.push(factor);
      const y = tf.tidy(() => batchNorm(x, variables, again ? 0 : 0.5).sum());
      return { gradients: { w: tf.scalar(factor > 16 ? Infinity : factor) }, values: [y.as1D()] };
    }, { factor: 64, steps: 0 });
    assertEquals([factors, scale.factor], [[64, 32, 16], 16]);
    assertEquals([...await variables.runningMean.data()], [2]);
    assertEquals([...await variables.runningVariance.data()], [1.5]);
    tf.dispose([gradients, values, x, ...Object.values(variables)]);
  },
);

eachBackend(
  "a batch that is computed again tells its passes to keep running statistics",
  () =>
    inFolder(async (folder) => {
      const told: ForwardContext["runningStatistics"][] = [];
      const method: Method = {
        provides: [],
        needs: ["cam"],
        step({ image, targets }, { model, context }) {
          const given = context(0);
          told.push(given.runningStatistics);
          return { targets, views: [model.forward(image.mul(1), given)] };
        },
      };
      await trainToy({ folder, losses: losses(20000), backend: half, method, maxSteps: 2 });
      // 65536 and 32768 are too large.
      assertEquals(told, [undefined, "keep", "keep", undefined]);
    }),
);

eachBackend(
  "gradients that overflow without a scale stop the training, and name themselves",
  () =>
    inFolder(async (folder) => {
      const before = tf.memory().numTensors;
      const error = await assertRejects(
        () => trainToy({ folder, losses: losses(0.5), backend: half }),
        RangeError,
      );
      assert(isUserError(error));
      for (const part of ["toy", "step 1", "fc.weight", "precision f32", "no checkpoint"]) {
        assertStringIncludes(error.message, part);
      }
      assertEquals(tf.memory().numTensors, before);
    }),
);
