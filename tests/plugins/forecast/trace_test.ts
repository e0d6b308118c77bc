import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { trace } from "../../../plugins/forecast/trace.ts";
import type { GuardedWebGPUBackend } from "../../../plugins/backends/guarded_webgpu.ts";
import { eachBackend } from "../../backends.ts";
import { inHalf } from "../../half_webgpu.ts";
import { webgpuTest } from "../ops/webgpu/setup.ts";
import { NETWORKS, step } from "./networks.ts";

/** Most tensor bytes while something runs, as tfjs itself measures them; it times and checks no kernel, which would take longer than they do. */
async function measuredPeak(run: () => Promise<void>): Promise<number> {
  const before = tf.memory().numBytes, backend = tf.backend();
  const checks = tf.env().getBool("CHECK_COMPUTATION_FOR_ERRORS");
  tf.env().set("CHECK_COMPUTATION_FOR_ERRORS", false);
  backend.time = (kernel) => {
    kernel();
    return Promise.resolve({ kernelMs: 0, wallMs: 0 });
  };
  try {
    const { peakBytes } = await tf.profile(async () => {
      await run();
      return [];
    });
    return peakBytes - before;
  } finally {
    tf.env().set("CHECK_COMPUTATION_FOR_ERRORS", checks);
    // The real one is a method of the prototype.
    Reflect.deleteProperty(backend, "time");
  }
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
    const onWebgpu = backend === "webgpu";
    if (onWebgpu) (tf.backend() as unknown as GuardedWebGPUBackend).purge();
    let measured = 0;
    const measure = async () => void (measured = await measuredPeak(() => step(network)));
    const held = onWebgpu ? await measuredHeld(measure) : (await measure(), undefined);
    assertAlmostEquals(traced.peakBytes / measured, 1, 0.2);
    if (held !== undefined) {
      assertAlmostEquals(traced.held.used / held.used, 1, 0.2);
      assertAlmostEquals(traced.held.allocated / held.allocated, 1, 0.2);
    } else {
      // Tensors that share a buffer count once.
      assert(traced.held.used <= traced.peakBytes && traced.held.used > traced.peakBytes / 3);
    }
    assertEquals(tf.memory().numTensors, tensors);
    assert((traced.work.convolution?.flops ?? 0) > 0);
  });
}

webgpuTest(
  "trace() foresees what a step holds where activations are stored in float16",
  async () => {
    const network = NETWORKS[1]!;
    const floats = await trace(() => step(network));
    await inHalf(async () => {
      const traced = await trace(() => step(network));
      (tf.backend() as unknown as GuardedWebGPUBackend).purge();
      const { used } = await measuredHeld(() => step(network));
      assertAlmostEquals(traced.held.used / used, 1, 0.2);
      assert(traced.held.used < floats.held.used);
    });
  },
);

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
