import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { isUserError } from "../../../../core/errors.ts";
import { type WebGpu, webgpuProgram } from "../../../../plugins/ops/webgpu/program.ts";
import {
  findAdapter,
  lookAtAdapter,
  requestDevice,
} from "../../../../plugins/ops/webgpu/device.ts";
import { withGpu } from "../../refinement/crf/webgpu/setup.ts";
import { prepared, webgpuTest } from "../../backends/setup.ts";

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

Deno.test("an adapter is asked for once until a device is made of it, one that is missing again", async () => {
  let asked = 0;
  const gpu = { requestAdapter: () => Promise.resolve({ index: ++asked }) };
  await withGpu(gpu, async () => {
    const looked = await Promise.all([
      lookAtAdapter("high-performance"),
      lookAtAdapter("high-performance"),
    ]);
    const found = await Promise.all([
      findAdapter("high-performance"),
      findAdapter("high-performance"),
    ]);
    const index = (one: unknown) => (one as { adapter: { index: number } }).adapter.index;
    assertEquals([...looked, ...found].map(index), [1, 1, 1, 2]);
    assertEquals(index(await lookAtAdapter("high-performance")), 3);
    assertEquals(index(await lookAtAdapter("low-power")), 4);
  });
  let answers = 0;
  const late = { requestAdapter: () => Promise.resolve(answers++ < 2 ? null : {}) };
  await withGpu(late, async () => {
    assert("reason" in await lookAtAdapter("high-performance"));
    assert("reason" in await findAdapter("high-performance"));
    assert("adapter" in await lookAtAdapter("high-performance"));
  });
});

webgpuTest(
  "an adapter that gives no device is a user error that names the way out",
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
    assert(isUserError(error));
  },
);

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
  "an adapter too small is a user error that names the limit and the way out",
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
    assert(isUserError(error));
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
