import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { DeviceClock } from "../../../../plugins/observers/profile/device_clock.ts";
import { phasesOf } from "../../../../core/trainer/phases.ts";
import { Profiler } from "../../../../plugins/observers/profile/profiler.ts";
import type { Recording } from "../../../../plugins/observers/profile/recording.ts";
import { type BackendName, backends, eachBackend, presentBackends } from "../../../backends.ts";
import { leaveOut } from "../../../leave_out.ts";

/** Input, filters and taps of a convolution; no channels in fours. */
const [HEIGHT, WIDTH, CHANNELS, FILTERS, TAPS] = [9, 7, 5, 6, 3];
const CONV_FLOPS = 2 * HEIGHT * WIDTH * FILTERS * TAPS * TAPS * CHANNELS;

const image = () => tf.randomUniform<tf.Rank.R4>([1, HEIGHT, WIDTH, CHANNELS], -1, 1, "float32", 1);
const filter = () =>
  tf.randomUniform<tf.Rank.R4>([TAPS, TAPS, CHANNELS, FILTERS], -1, 1, "float32", 2);

/** Everything that a profile must leave as it was. */
function state(backend: BackendName) {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  const kernels = new Map(
    tf.getKernelsForBackend(backend).map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]),
  );
  const own = Object.hasOwn(tf.backend(), "runWebGPUProgram");
  return { memory: { numTensors, numDataBuffers, numBytes }, kernels, own };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

eachBackend(
  "a convolution's and its gradients' operations are counted exactly",
  async (backend) => {
    const [x, f] = [image(), filter()];
    const before = state(backend);
    const profiler = new Profiler("step 1");
    tf.tidy(() => {
      const gradients = tf.grads((x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 1));
      gradients([x, f]);
    });
    const { calls } = await profiler.stop(true);
    const forward = calls.find(({ name }) => name === "Conv2D")!;
    assertEquals(forward.flops, CONV_FLOPS);
    assertEquals(forward.shapes, "1x9x7x5, 3x3x5x6 → 1x9x7x6");
    const elements = HEIGHT * WIDTH * (CHANNELS + FILTERS) + TAPS * TAPS * CHANNELS * FILTERS;
    assertEquals(forward.bytes, 4 * elements);
    assertEquals(sum(calls.map(({ flops }) => flops)), 3 * CONV_FLOPS);
    assertEquals(state(backend), before);
    tf.dispose([x, f]);
  },
);

/** What the trainer tells an observer, told to a profiler. */
function phases(profiler: Profiler) {
  return phasesOf("toy", {
    phase: ({ name, state }) => state === "begin" ? profiler.begin(name) : profiler.end(),
  });
}

eachBackend(
  "kernels and memory are as before, also where the profile is broken off",
  async (backend) => {
    const x = tf.randomUniform([40, 40]);
    await x.data();
    const before = state(backend);
    for (const breakOff of [false, true]) {
      const profiler = new Profiler("step 1");
      assert(tf.getKernel("Multiply", backend).kernelFunc !== before.kernels.get("Multiply"));
      using _ = phases(profiler)("forward");
      tf.tidy(() => void tf.mul(x, 2).sum());
      profiler.next("step 2");
      if (breakOff) profiler[Symbol.dispose]();
      else await profiler.stop(true);
      assertEquals(state(backend), before);
    }
    x.dispose();
  },
);

eachBackend("spans nest: steps hold phases, and a step closes what is open in it", async () => {
  const profiler = new Profiler("step 1");
  {
    using phase = phases(profiler)("forward");
    phase.next("backward");
    profiler.next("step 2");
  }
  phases(profiler)("data")[Symbol.dispose]();
  profiler.next("step 3");
  const { spans } = await profiler.stop(false);
  assertEquals(spans.map(({ name, parent }) => [name, parent]), [
    ["step 1", undefined],
    ["forward", 0],
    ["backward", 0],
    ["step 2", undefined],
    ["data", 3],
  ]);
  for (const { begin, end } of spans) assert(end >= begin);
});

for (const name of ["wasm", "cpu"] as const) {
  Deno.test(`exclusive times add up to the step's [${name}]`, async () => {
    await backends[name].prepare();
    const side = name === "wasm" ? 64 : 24;
    const x = tf.ones<tf.Rank.R4>([1, side, side, 32]);
    const f = tf.ones<tf.Rank.R4>([3, 3, 32, 32]);
    const step = () =>
      tf.tidy(() => {
        let y = x;
        for (let i = 0; i < 4; i++) y = tf.relu(tf.conv2d(y, f, 1, 1));
        return y.sum().dataSync();
      });
    step();
    // The best of some: another process may take the machine between two kernels.
    let most = 0;
    for (let i = 0; i < 5; i++) {
      const profiler = new Profiler("step 1");
      step();
      const { clock, spans, calls, programs } = await profiler.stop(true);
      assertEquals([clock, programs.length], ["program", 0]);
      const { begin, end } = spans[0]!;
      const share = sum(calls.map(({ own }) => own)) / (end - begin);
      assertLess(share, 1);
      most = Math.max(most, share);
    }
    assertLess(0.9, most);
    tf.dispose([x, f]);
  });
}

Deno.test("a kernel's own time, operations and bytes are without those of kernels that it calls", async () => {
  await backends.cpu.prepare();
  const [a, b] = [tf.ones<tf.Rank.R2>([64, 96]), tf.ones<tf.Rank.R2>([96, 80])];
  const kernelName = "TestOuter", backendName = "cpu";
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs }) => {
      const { a, b } = inputs as unknown as { a: tf.Tensor2D; b: tf.Tensor2D };
      return tf.matMul(a, b);
    },
  });
  try {
    const profiler = new Profiler("step 1");
    tf.tidy(() => void tf.engine().runKernel(kernelName, { a, b }));
    const { calls } = await profiler.stop(true);
    const outer = calls.find(({ name }) => name === kernelName)!;
    const inner = calls.filter(({ name }) => name !== kernelName);
    assert(inner.some(({ name }) => name === "BatchMatMul"));
    assertEquals(outer.flops, 0);
    assertEquals(sum(inner.map(({ flops }) => flops)), 2 * 64 * 96 * 80);
    const direct = inner.filter(({ name }) => name === "BatchMatMul");
    assertLess(outer.own, outer.end - outer.begin);
    assertLess(sum(direct.map(({ own }) => own)), outer.end - outer.begin);
    assertAlmostEquals(sum(calls.map(({ own }) => own)), outer.end - outer.begin, 1e-6);
  } finally {
    tf.unregisterKernel(kernelName, backendName);
    tf.dispose([a, b]);
  }
});

eachBackend("a kernel that throws is no longer under way", async (backend) => {
  const x = tf.ones([3]);
  const kernelName = "TestFailing";
  tf.registerKernel({
    kernelName,
    backendName: backend,
    kernelFunc: () => {
      throw new RangeError("no result");
    },
  });
  try {
    const profiler = new Profiler("step 1");
    assertThrows(() => tf.tidy(() => tf.engine().runKernel(kernelName, { x })), RangeError);
    tf.tidy(() => void tf.add(x, 1));
    const { calls } = await profiler.stop(true);
    assertEquals(calls.filter(({ name }) => name === kernelName), []);
    const { begin, end, own } = calls.find(({ name }) => name === "Add")!;
    assertEquals(own, end - begin);
  } finally {
    tf.unregisterKernel(kernelName, backend);
    x.dispose();
  }
});

/** A test of the device's clock; the device outlives it. */
function webgpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: !presentBackends.includes("webgpu"),
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const info = await backends.webgpu.prepare();
      await fn();
      await info.check();
    },
  });
}

/** Adds 1 to a tensor on the device, so many times; the last program transposes. */
async function profiled(times: number): Promise<Recording> {
  const x = tf.tidy(() => tf.add(tf.range(0, 2000), 1));
  const profiler = new Profiler("step 1");
  using _ = phases(profiler)("forward");
  tf.tidy(() => {
    let y: tf.Tensor = x;
    for (let i = 0; i < times; i++) y = tf.add(y, x);
    tf.transpose(tf.reshape(y, [40, 50]));
  });
  const recording = await profiler.stop(true);
  x.dispose();
  return recording;
}

webgpuTest("every program is timed by the device, under the kernel that launched it", async () => {
  if (!DeviceClock.available((tf.backend() as unknown as { device: GPUDevice }).device)) {
    return leaveOut("this WebGPU device has no timestamps");
  }
  // More queries than one set holds.
  const times = 2060;
  const { clock, programs, spans } = await profiled(times);
  assertEquals(clock, "device");
  assertEquals(programs.length, times + 1);
  assertEquals(programs[0]!.name, "Add");
  assertEquals(programs.at(-1)!.name, "Transpose");
  assertEquals(spans[programs[7]!.span]!.name, "forward");
  let last = 0;
  for (const { begin, end } of programs) {
    assert(begin >= last && end >= begin, `a program ran from ${begin} to ${end} after ${last}`);
    last = begin;
  }
  const busy = sum(programs.map(({ begin, end }) => end - begin));
  assert(busy > 0 && busy < spans[0]!.end - spans[0]!.begin, `${busy} ms`);
});

webgpuTest("programs are counted where the device has no timestamps", async () => {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  Object.defineProperty(device, "features", { value: new Set(), configurable: true });
  try {
    const { clock, programs, calls } = await profiled(3);
    assertEquals([clock, programs.length], ["none", 0]);
    const adds = calls.filter(({ name }) => name === "Add");
    assertEquals(adds.map(({ bytes }) => bytes), [24000, 24000, 24000]);
    assertEquals(calls.find(({ name }) => name === "Reshape")!.bytes, 0);
  } finally {
    // The real ones are a getter of the prototype.
    Reflect.deleteProperty(device, "features");
  }
});
