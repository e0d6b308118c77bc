import { assert, assertEquals, assertRejects } from "@std/assert";
import { isUserError } from "../../../../../core/errors.ts";
import { chooseDevice } from "../../../../../plugins/refinement/crf/webgpu/device.ts";
import { withGpu } from "./setup.ts";

/** `navigator.gpu` of a machine with one adapter. */
function machine(description: string, isFallbackAdapter: boolean) {
  const info = { description, vendor: "4318", device: "1", isFallbackAdapter };
  return { requestAdapter: () => Promise.resolve({ info }) };
}

const none = { requestAdapter: () => Promise.resolve(null) };

Deno.test("auto takes a real GPU, and the CPU beside a software adapter or none", async () => {
  for (
    const [gpu, wanted] of [
      [machine("NVIDIA H100", false), "webgpu"],
      [machine("llvmpipe (LLVM 15.0.6, 256 bits)", false), "cpu"],
      [machine("some rasteriser", true), "cpu"],
      [none, "cpu"],
      [undefined, "cpu"],
    ] as const
  ) {
    await withGpu(gpu, async () => {
      for (const backend of ["webgpu", undefined]) {
        assertEquals(await chooseDevice("auto", backend), wanted);
      }
    });
  }
});

Deno.test("auto asks for no adapter beside a backend that computes on the CPU", async () => {
  const gpu = { requestAdapter: () => Promise.reject(new Error("was asked")) };
  await withGpu(gpu, async () => {
    for (const backend of ["wasm", "cpu"]) {
      assertEquals(await chooseDevice("auto", backend), "cpu");
    }
  });
});

Deno.test("what is asked for is taken; webgpu without an adapter is refused", async () => {
  await withGpu(machine("llvmpipe", true), async () => {
    assertEquals(await chooseDevice("webgpu", "wasm"), "webgpu");
    assertEquals(await chooseDevice("cpu", "webgpu"), "cpu");
  });
  await withGpu(none, async () => {
    assertEquals(await chooseDevice("cpu", "webgpu"), "cpu");
    const error = await assertRejects(
      () => chooseDevice("webgpu", "wasm"),
      Error,
      "Cannot run the dense CRF on webgpu: no WebGPU adapter was found",
    );
    assert(isUserError(error) && error.message.includes('"device: cpu"'));
  });
});
