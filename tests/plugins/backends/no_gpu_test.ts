import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { isMistake } from "../../../core/errors.ts";
import type { Maker } from "../../../core/plugin.ts";
import { autoBackend } from "../../../plugins/backends/auto.ts";
import { webgpuBackend } from "../../../plugins/backends/webgpu.ts";
import { backends } from "../../backends.ts";

/** Runs a test as on a machine whose `navigator.gpu` is something else. */
async function withGpu(gpu: unknown, run: () => Promise<void>): Promise<void> {
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  try {
    await run();
  } finally {
    // The real one is a getter of the prototype.
    Reflect.deleteProperty(navigator, "gpu");
  }
}

const maker = {
  create: (_kind: string, use: { use: string }) =>
    Promise.resolve(backends[use.use as keyof typeof backends]),
} as unknown as Maker;

const machines = [
  { what: "this Deno has no WebGPU", gpu: undefined },
  { what: "no WebGPU adapter was found", gpu: { requestAdapter: () => Promise.resolve(null) } },
];

for (const { what, gpu } of machines) {
  Deno.test(`webgpu says that ${what}, and names wasm as the way out`, async () => {
    await withGpu(gpu, async () => {
      // Not the preference that a device may already run with: that one would be kept.
      const backend = await webgpuBackend.create(
        { powerPreference: "low-power", precision: "f32" },
        undefined,
        maker,
      );
      const found = await backend.available();
      assert(!found.ok && found.reason.includes(what));
      const error = await assertRejects(() => backend.prepare(), Error, what);
      assertMatch(error.message, /backend: wasm/);
      assert(isMistake(error));
    });
  });

  Deno.test(`auto takes wasm where ${what}`, async () => {
    await withGpu(gpu, async () => {
      const info = await (await autoBackend.create({}, undefined, maker)).prepare();
      assertEquals(info.name, "wasm");
    });
  });
}
