import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { GuardedWebGPUBackend } from "../../../plugins/backends/guarded_webgpu.ts";
import { withBindingLimit } from "../../binding_limit.ts";
import { webgpuTest } from "../ops/webgpu/setup.ts";

const backend = () => tf.backend() as unknown as GuardedWebGPUBackend;
const allocated = () => backend().bufferManager.numBytesAllocated;

/** Leaves two free buffers of some elements. */
async function leaveFree(elements: number): Promise<void> {
  backend().purge();
  const tensor = tf.tidy(() => tf.add(tf.ones([elements]), 1));
  await backend().check();
  tensor.dispose();
}

webgpuTest(
  "a free buffer serves a somewhat smaller tensor, which is read at its own length",
  async () => {
    await leaveFree(300_000);
    const before = allocated();
    // Two buffers, as those that are free.
    const y = tf.tidy(() => tf.add(tf.ones([250_000]), 0.5));
    await backend().check();
    assertEquals(allocated(), before);
    const values = await y.data();
    assertEquals([values.length, values[0], values[249_999]], [250_000, 1.5, 1.5]);
    // Once more from the copy that tfjs keeps.
    assertEquals((await y.data()).length, 250_000);
    y.dispose();
  },
);

webgpuTest(
  "a tensor of half the size, or one that fits no binding, gets a buffer of its own",
  async () => {
    await leaveFree(400_000);
    const before = allocated();
    const half = tf.tidy(() => tf.add(tf.ones([200_000]), 1));
    await backend().check();
    assertEquals(allocated() - before >= 4 * 200_000, true);
    half.dispose();

    await leaveFree(300_000);
    const free = allocated();
    const limited = withBindingLimit(
      4 * 260_000,
      () => tf.tidy(() => tf.add(tf.ones([250_000]), 1)),
    );
    await backend().check();
    assertEquals(allocated() - free >= 4 * 250_000, true);
    limited.dispose();
  },
);
