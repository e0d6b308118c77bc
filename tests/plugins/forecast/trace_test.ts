import * as tf from "@tensorflow/tfjs";
import { withClipping } from "../../../plugins/wsss/optimizers/clip.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { measureSpeed } from "../../../plugins/forecast/measure_speed.ts";
import { trace } from "../../../plugins/forecast/trace.ts";
import { secondsOf, WORK_KINDS } from "../../../plugins/forecast/work.ts";
import { Model } from "../../../plugins/wsss/training/model.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { microBatches } from "../../../core/trainer/micro_batch.ts";
import { takeStep } from "../../../core/trainer/step.ts";
import type { GuardedWebGPUBackend } from "../../../plugins/backends/guarded_webgpu.ts";
import { plugins } from "../../../plugins/mod.ts";
import { eachBackend } from "../../backends.ts";
import { inHalf } from "../../half_webgpu.ts";
import { webgpuTest } from "../ops/webgpu/setup.ts";

const registry = new Registry(plugins);
const CLASSES = 6;
const SEAM_LOSSES = ["classification", "min-pooling", "er", "ecr"];

interface Network {
  readonly title: string;
  readonly backbone: Use<"backbone">;
  readonly head: Use<"head">;
  readonly method: Use<"method">;
  readonly losses: readonly string[];
  readonly size: number;
  readonly recompute?: "blocks";
}

/** ResNet38 of which nothing is frozen, its batch norms neither. */
const RETRAINED = {
  backbone: { use: "resnet38", width: 1, trainFrom: "conv1a", norm: { statistics: 3 } },
  head: { use: "deeplabv1", channels: 8, dilation: 2 },
  method: { use: "segmentation" },
  losses: ["cross-entropy"],
  size: 33,
} as const;

const NETWORKS: readonly Network[] = [
  {
    title: "the tiny baseline",
    backbone: { use: "tiny" },
    head: { use: "cam" },
    method: { use: "classification-cam" },
    losses: ["classification"],
    size: 37,
  },
  {
    title: "tiny SEAM",
    backbone: { use: "tiny" },
    head: { use: "seam", low: "t3", mid: "t4", lowChannels: 8, midChannels: 16, imageScale: 4 },
    method: { use: "seam", view: { use: "rescale", scale: 0.5 } },
    losses: SEAM_LOSSES,
    size: 48,
  },
  {
    title: "MobileNetV2 SEAM",
    backbone: { use: "mobilenetv2" },
    head: { use: "seam", low: "features.17", mid: "features.18" },
    method: { use: "seam", view: { use: "rescale", scale: 0.3 } },
    losses: SEAM_LOSSES,
    size: 97,
  },
  { title: "retraining", ...RETRAINED },
  { title: "retraining, blocks computed again", ...RETRAINED, recompute: "blocks" },
];

/** One optimizer step of two micro-batches, from parameters to losses. */
async function step(network: Network): Promise<void> {
  const backbone = await registry.create("backbone", network.backbone, undefined);
  const head = await registry.create("head", network.head, {
    taps: backbone.taps,
    classes: CLASSES,
  });
  const method = await registry.create("method", network.method, undefined);
  const losses = await Promise.all(
    network.losses.map(async (use) => ({
      name: use,
      loss: await registry.create("loss", { use }, undefined),
      weight: 1,
      start: 0,
    })),
  );
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(1));
  const sgd: Use<"optimizer"> = { use: "sgd", lr: 0.01, momentum: 0.9, weightDecay: 1e-4 };
  const optimizer = await registry.create("optimizer", sgd, { params, totalSteps: 1 });
  const { size, recompute } = network;
  const batch = {
    indices: [0, 1, 2],
    names: ["a", "b", "c"],
    shape: [3, size, size, 3] as const,
    image: new Float32Array(3 * size * size * 3),
    label: new Float32Array(3 * CLASSES).fill(1),
    classes: CLASSES,
    mask: new Uint8Array(3 * size * size),
  };
  const values = takeStep(
    {
      stage: "train",
      model: new Model(backbone, head, params),
      method,
      losses,
      optimizer: withClipping(optimizer, { norm: 5, match: ["*"] }, params),
      ...recompute && { recompute },
      seed: 1,
    },
    losses,
    microBatches(batch, 2),
    0,
  );
  await values[0]!.data();
  tf.dispose(values);
  optimizer.dispose();
  params.dispose();
}

/** Most tensor bytes while something runs, as tfjs itself measures them. */
async function measuredPeak(run: () => Promise<void>): Promise<number> {
  const before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(async () => {
    await run();
    return [];
  });
  return peakBytes - before;
}

/** tfjs's pool of buffers on WebGPU. */
interface Pool {
  numBytesUsed: number;
  numBytesAllocated: number;
  acquireBuffer(...args: unknown[]): unknown;
}

/** Most bytes of buffers that are used, and allocated, while something runs on WebGPU. */
async function measuredHeld(run: () => Promise<void>) {
  const { bufferManager: pool } = tf.backend() as unknown as { bufferManager: Pool };
  const before = pool.numBytesUsed, peak = { used: 0, allocated: 0 };
  const acquire = pool.acquireBuffer;
  pool.acquireBuffer = (...args) => {
    const buffer = acquire.apply(pool, args);
    peak.used = Math.max(peak.used, pool.numBytesUsed - before);
    peak.allocated = Math.max(peak.allocated, pool.numBytesAllocated - before);
    return buffer;
  };
  try {
    await run();
  } finally {
    pool.acquireBuffer = acquire;
  }
  return peak;
}

for (const network of NETWORKS) {
  eachBackend(`trace() foresees the peak of a training step: ${network.title}`, async (backend) => {
    // A step of MobileNetV2 takes too long in plain JavaScript and on a software adapter.
    if (backend !== "wasm" && network.size > 48) return;
    const tensors = tf.memory().numTensors;
    const traced = await trace(() => step(network));
    assertEquals(tf.getBackend(), backend);
    const measured = await measuredPeak(() => step(network));
    assertAlmostEquals(traced.peakBytes / measured, 1, 0.2);
    if (backend === "webgpu") {
      (tf.backend() as unknown as GuardedWebGPUBackend).purge();
      const { used, allocated } = await measuredHeld(() => step(network));
      assertAlmostEquals(traced.held.used / used, 1, 0.2);
      assertAlmostEquals(traced.held.allocated / allocated, 1, 0.2);
    } else {
      // Tensors that share a buffer count once.
      assert(traced.held.used <= traced.peakBytes && traced.held.used > traced.peakBytes / 3);
    }
    assertEquals(tf.memory().numTensors, tensors);
    assert((traced.work.convolution?.flops ?? 0) > 0);
  });
}

webgpuTest("trace() foresees what a step holds where activations are stored in half", async () => {
  const network = NETWORKS[1]!;
  const floats = await trace(() => step(network));
  await inHalf(async () => {
    const traced = await trace(() => step(network));
    (tf.backend() as unknown as GuardedWebGPUBackend).purge();
    const { used } = await measuredHeld(() => step(network));
    assertAlmostEquals(traced.held.used / used, 1, 0.2);
    assert(traced.held.used < floats.held.used);
  });
});

eachBackend("trace() gives the real backend back when what it runs fails", async (backend) => {
  await assertRejects(() =>
    trace(() => {
      throw new RangeError("a wrong shape");
    }), RangeError);
  assertEquals(tf.getBackend(), backend);
  assertEquals(await tf.tidy(() => tf.add(1, 2)).data(), Float32Array.of(3));
});

Deno.test("trace() counts multiplications and additions of convolutions", async () => {
  await tf.setBackend("cpu");
  const { work } = await trace(() =>
    tf.tidy(() => void tf.conv2d(tf.zeros<tf.Rank.R4>([2, 9, 7, 5]), tf.zeros([3, 3, 5, 4]), 2, 1))
  );
  // [2,5,4,4] outputs, each of 3·3·5 products.
  assertEquals(work.convolution?.flops, 2 * (2 * 5 * 4 * 4) * (3 * 3 * 5));
});

eachBackend(
  "measured speed foretells a step to an order of magnitude, machine busy or not",
  async (backend) => {
    if (backend !== "wasm") return;
    const network = NETWORKS[1]!;
    const { work } = await trace(() => step(network));
    const predicted = secondsOf(work, await measureSpeed(WORK_KINDS));
    await step(network);
    const times = [];
    for (let i = 0; i < 3; i++) {
      const began = performance.now();
      await step(network);
      times.push((performance.now() - began) / 1000);
    }
    const ratio = predicted / Math.min(...times);
    assert(ratio > 1 / 8 && ratio < 8, `predicted ${predicted}, took ${times}`);
  },
);
