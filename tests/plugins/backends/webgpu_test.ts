import { ops } from "../../../plugins/ops/list.ts";
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { prepared, webgpuTest } from "./setup.ts";

webgpuTest("a tensor above the binding limit fails before the kernel runs", async () => {
  const { info } = await prepared();
  const before = tf.memory().numTensors;
  const elements = info.maxTensorBytes / 4 + 1024;
  assertThrows(
    () => tf.tidy(() => void tf.add(tf.zeros([elements]), 1)),
    RangeError,
    `this device binds at most ${info.maxTensorBytes}`,
  );
  assertEquals(tf.memory().numTensors, before);
  await info.check();
  info.purge();
});

webgpuTest("an output above the binding limit fails before the kernel runs", async () => {
  const { info } = await prepared();
  const side = Math.ceil(Math.sqrt(info.maxTensorBytes / 4)) + 1;
  assertThrows(
    () => tf.tidy(() => void tf.add(tf.ones([side, 1]), tf.ones([1, side]))),
    RangeError,
    `its output of shape [${side},${side}]`,
  );
  await info.check();
});

webgpuTest("purge() frees the buffers that no tensor uses, and only those", async () => {
  const { info } = await prepared();
  const allocated = () =>
    (tf.memory() as tf.MemoryInfo & { numBytesAllocatedInGPU: number }).numBytesAllocatedInGPU;
  info.purge();
  const kept = tf.range(0, 4000).add(1);
  const start = allocated();
  for (let i = 1; i <= 20; i++) tf.tidy(() => void tf.ones([5000 + 16 * i]).add(1));
  await info.check();
  assert(
    allocated() - start > 20 * 5000 * 4,
    "tfjs's pool no longer grows: is purge() still needed",
  );
  info.purge();
  assert(allocated() - start < 10_000, `${allocated() - start} bytes are left`);
  assertEquals((await kept.data())[3999], 4000);
  // The pool still serves after it was emptied.
  for (let i = 1; i <= 3; i++) {
    assertEquals((await tf.tidy(() => tf.ones([5016]).add(i)).data())[0], 1 + i);
  }
  kept.dispose();
  await info.check();
});

webgpuTest("with backend.memory, buffers kept for reuse make way", async () => {
  const use = { use: "webgpu", memory: 0.001 } as const;
  const info = await (await new Registry(plugins).create("backend", use, undefined)).prepare(ops);
  assertEquals(info.memory, { bytes: 1e6, from: "backend.memory", counts: "used" });
  const allocated = () =>
    (tf.memory() as tf.MemoryInfo & { numBytesAllocatedInGPU: number }).numBytesAllocatedInGPU;
  info.purge();
  const start = allocated();
  let most = 0;
  for (let i = 1; i <= 60; i++) {
    const sum = tf.tidy(() => tf.ones([10_000 + 16 * i]).add(i).sum());
    most = Math.max(most, allocated() - start);
    assertEquals((await sum.data())[0], (10_000 + 16 * i) * (1 + i));
    sum.dispose();
  }
  assert(most < 1.2e6 && most > 0.5e6, `${most}`);
  await info.check();
  const { info: unbound } = await prepared();
  assertEquals(unbound.memory?.counts, "allocated");
});
