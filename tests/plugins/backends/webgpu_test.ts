import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { isMistake } from "../../../core/errors.ts";
import {
  type WebGpu,
  type WebGpuProgram,
  webgpuProgram,
} from "../../../core/ops/webgpu/program.ts";
import type { GuardedWebGPUBackend } from "../../../plugins/backends/guarded_webgpu.ts";
import { requestDevice } from "../../../plugins/backends/webgpu_device.ts";
import { Registry } from "../../../core/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { backends, presentBackends } from "../../backends.ts";

const present = presentBackends.includes("webgpu");

/** A test of the WebGPU backend itself; the device outlives it. */
function webgpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !present, sanitizeOps: false, sanitizeResources: false, fn });
}

/** The current backend, prepared. */
async function prepared() {
  const info = await backends.webgpu.prepare();
  await info.check();
  return { info, backend: tf.backend() as unknown as GuardedWebGPUBackend };
}

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

webgpuTest("an error that only the device reports makes check() throw, once", async () => {
  const { info, backend } = await prepared();
  backend.device.createBuffer({
    size: 16,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE,
  });
  const error = await assertRejects(
    () => info.check(),
    Error,
    "The WebGPU device reported an error",
  );
  assertMatch(error.message, /MAP/);
  await info.check();
});

webgpuTest("a tensor of a kernel that the device refused cannot be read as zeros", async () => {
  const { info, backend } = await prepared();
  const x = tf.ones([64]);
  const program = webgpuProgram({
    name: "refused",
    outputShape: [64],
    inputs: ["x"],
    // The uniforms go unread, so the device drops their binding and then refuses the bind group.
    uniforms: "",
    workgroupSize: [64, 1, 1],
    workgroups: 1,
    code: "fn main(index : i32) { result[index] = x[index]; }",
  });
  const y = tf.engine().makeTensorFromTensorInfo(
    (backend as unknown as WebGpu).runWebGPUProgram(program, [x], "float32"),
  );
  await assertRejects(() => y.data(), Error, "The WebGPU device refused shader refused");
  await assertRejects(() => info.check(), Error, "The WebGPU device refused shader refused");
  tf.dispose([x, y]);
  await info.check();
});

/** A kernel whose third line adds what cannot be added. */
const wrong = (): WebGpuProgram =>
  webgpuProgram({
    name: "wrongSum",
    outputShape: [64],
    inputs: ["x"],
    uniforms: "",
    workgroupSize: [64, 1, 1],
    workgroups: 1,
    code: `
      fn main(index : i32) {
        if (index < uniforms.size) { result[index] = x[index] + index; }
      }
    `,
  });

webgpuTest("a shader that does not compile is named with its line, at every call", async () => {
  const { info, backend } = await prepared();
  const x = tf.ones([64]);
  for (let call = 0; call < 2; call++) {
    const y = tf.engine().makeTensorFromTensorInfo(
      (backend as unknown as WebGpu).runWebGPUProgram(wrong(), [x], "float32"),
    );
    for (const wait of [() => y.data(), () => info.check()]) {
      const { message } = await assertRejects(wait, Error, "Cannot compile shader wrongSum");
      assertMatch(message, /^Cannot compile shader wrongSum, line \d+,.* use "backend: wasm"/);
      assertMatch(message, /wrongSum:\d+:\d+\n[^]* = x\[index\] \+ index;/);
    }
    y.dispose();
    await info.check();
  }
  // The device and its other kernels still work.
  assertEquals((await tf.tidy(() => tf.ones([2000]).add(2)).data())[1999], 3);
  x.dispose();
});

webgpuTest("memory that runs out is a user's mistake that names the setting", async () => {
  const { info, backend } = await prepared();
  backend.device.dispatchEvent(
    new GPUUncapturedErrorEvent("uncapturederror", {
      cancelable: true,
      error: new GPUOutOfMemoryError("not enough memory left"),
    }),
  );
  const error = await assertRejects(() => info.check(), RangeError, "out of memory");
  assertMatch(error.message, /batch\.micro/);
  assert(isMistake(error));
  await info.check();
});

Deno.test({
  name: "memory that really runs out is said, instead of zeros",
  // The operating system's limit is set from outside.
  ignore: !present || Deno.build.os !== "linux" ||
    !(await Deno.stat("/usr/bin/prlimit").then(() => true, () => false)),
  async fn() {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-read",
        "--allow-env",
        "--allow-run=/usr/bin/prlimit,/usr/bin/cat",
        new URL("run_out_of_memory.ts", import.meta.url).href,
      ],
    }).output();
    const said = new TextDecoder().decode(stdout);
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertMatch(said, /out of memory \(.+\): lower batch\.micro/);
  },
});

webgpuTest(
  "optional features are had where the adapter offers them, and not asked for elsewhere",
  async () => {
    const { backend } = await prepared();
    const adapter = (await navigator.gpu.requestAdapter())!;
    for (const feature of ["timestamp-query", "shader-f16"] as const) {
      assertEquals(backend.device.features.has(feature), adapter.features.has(feature), feature);
    }
    const plain = await requestDevice(withoutFeatures(adapter));
    assert(!plain.features.has("timestamp-query") && !plain.features.has("shader-f16"));
    plain.destroy();
  },
);

webgpuTest(
  "an adapter that gives no device is a user's mistake that names the way out",
  async () => {
    const real = (await navigator.gpu.requestAdapter())!;
    const adapter = {
      info: real.info,
      features: real.features,
      limits: real.limits,
      requestDevice: () => Promise.reject(new Error("the driver failed")),
    } as unknown as GPUAdapter;
    const error = await assertRejects(
      () => requestDevice(adapter),
      Error,
      "it gave no device (the driver failed)",
    );
    assertMatch(error.message, /backend: wasm/);
    assert(isMistake(error));
  },
);

webgpuTest("a lost device makes check() throw, and prepare() starts another", async () => {
  const { info, backend } = await prepared();
  const x = tf.ones([3000]);
  backend.device.destroy();
  await assertRejects(() => info.check(), Error, "The WebGPU device was lost");
  await assertRejects(() => info.check(), Error, "The WebGPU device was lost");
  x.dispose();
  const again = await prepared();
  assert(again.backend !== backend);
  assertEquals((await tf.ones([3000]).add(1).data())[2999], 2);
  await again.info.check();
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
  const info = await (await new Registry(plugins).create("backend", use, undefined)).prepare();
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

webgpuTest("a kernel may read as many tensors as the adapter allows, not 8 buffers", async () => {
  const { info, backend } = await prepared();
  const most = backend.device.limits.maxStorageBuffersPerShaderStage;
  const adapter = await navigator.gpu.requestAdapter();
  assertEquals(most, adapter!.limits.maxStorageBuffersPerShaderStage);
  const inputs = Array.from({ length: Math.min(most - 1, 12) }, (_, i) => tf.fill([64], 2 ** i));
  const names = inputs.map((_, i) => `t${i}`);
  const program = webgpuProgram({
    name: `sumOf${inputs.length}`,
    outputShape: [64],
    inputs: names,
    uniforms: "",
    workgroupSize: [64, 1, 1],
    workgroups: 1,
    code: `
      fn main(index : i32) { if (index < uniforms.size) { result[index] = ${
      names.map((name) => `${name}[index]`).join(" + ")
    }; } }
    `,
  });
  const sum = tf.engine().makeTensorFromTensorInfo(
    (backend as unknown as WebGpu).runWebGPUProgram(program, inputs, "float32"),
  );
  await info.check();
  assertEquals((await sum.data())[63], 2 ** inputs.length - 1);
  tf.dispose([...inputs, sum]);
});

webgpuTest(
  "an adapter too small is a user's mistake that names the limit and the way out",
  async () => {
    const adapter = (await navigator.gpu.requestAdapter())!;
    const small = {
      info: adapter.info,
      features: adapter.features,
      limits: { ...limitsOf(adapter), maxComputeWorkgroupStorageSize: 1024 },
    } as unknown as GPUAdapter;
    const error = await assertRejects(
      () => requestDevice(small),
      Error,
      "its maxComputeWorkgroupStorageSize is 1024, at least 16384 is needed",
    );
    assertMatch(error.message, /backend: wasm/);
    assert(isMistake(error));
  },
);

/** The adapter, as if it had no optional feature. */
function withoutFeatures(adapter: GPUAdapter): GPUAdapter {
  return {
    info: adapter.info,
    features: new Set(),
    limits: adapter.limits,
    requestDevice: (descriptor: GPUDeviceDescriptor) => adapter.requestDevice(descriptor),
  } as unknown as GPUAdapter;
}

/** Limits as a plain object: those of an adapter are getters of its prototype. */
function limitsOf(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    limits[name] = adapter.limits[name as keyof GPUSupportedLimits] as number;
  }
  return limits;
}
