import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import {
  type WebGpu,
  type WebGpuProgram,
  webgpuProgram,
} from "../../../plugins/ops/webgpu/program.ts";
import { prepared, present, webgpuTest } from "./setup.ts";

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

webgpuTest("memory that runs out is a user error that names the setting", async () => {
  const { info, backend } = await prepared();
  backend.device.dispatchEvent(
    new GPUUncapturedErrorEvent("uncapturederror", {
      cancelable: true,
      error: new GPUOutOfMemoryError("not enough memory left"),
    }),
  );
  const error = await assertRejects(() => info.check(), RangeError, "out of memory");
  assertMatch(error.message, /batch\.micro/);
  assert(isUserError(error));
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
        "--allow-run=/usr/bin/prlimit,/usr/bin/cat",
        new URL("run_out_of_memory.ts", import.meta.url).href,
      ],
    }).output();
    const said = new TextDecoder().decode(stdout);
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertMatch(said, /out of memory \(.+\): lower batch\.micro/);
  },
});

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
