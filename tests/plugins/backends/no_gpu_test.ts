import { ops } from "../../../plugins/ops/list.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { autoBackend } from "../../../plugins/backends/auto.ts";
import { plugins } from "../../../plugins/mod.ts";
import { webgpuBackend } from "../../../plugins/backends/webgpu.ts";
import { backends } from "../../backends.ts";
import { withGpu } from "../../with_gpu.ts";

const factory = {
  create: (_kind: string, use: { use: string }) =>
    Promise.resolve(backends[use.use as keyof typeof backends]),
} as unknown as PluginFactory;

const machines = [
  { what: "WebGPU is not there", gpu: undefined },
  { what: "no WebGPU adapter was found", gpu: { requestAdapter: () => Promise.resolve(null) } },
];

for (const { what, gpu } of machines) {
  Deno.test(`webgpu says that ${what}, and names wasm as the way out`, async () => {
    await withGpu(gpu, async () => {
      // Not the preference that a device may already run with: that one would be kept.
      const backend = await webgpuBackend.create(
        { powerPreference: "low-power" },
        undefined,
        factory,
      );
      const found = await backend.available();
      assert(!found.ok && found.reason.includes(what));
      const error = await assertRejects(() => backend.prepare(ops), Error, what);
      assertMatch(error.message, /backend: wasm/);
      assert(isUserError(error));
    });
  });

  Deno.test(`auto takes wasm where ${what}`, async () => {
    await withGpu(gpu, async () => {
      const info = await (await autoBackend.create({}, undefined, factory)).prepare(ops);
      assertEquals(info.name, "wasm");
    });
  });

  Deno.test(`auto refuses half precision where ${what}`, async () => {
    await withGpu(gpu, async () => {
      const auto = await autoBackend.create({ precision: "f16" }, undefined, factory);
      const error = await assertRejects(() => auto.prepare(ops), Error, what);
      assertMatch(error.message, /precision f16 on backend wasm.*backend: webgpu/);
      assert(isUserError(error));
    });
  });
}

for (const use of ["wasm", "cpu"]) {
  Deno.test(`${use} refuses half precision, and names webgpu`, async () => {
    const registry = new Registry(plugins);
    const error = await assertRejects(
      () => registry.create("backend", { use, precision: "f16" }, undefined),
      TypeError,
      "backend: webgpu",
    );
    assert(isUserError(error));
    await registry.create("backend", { use, precision: "f32" }, undefined);
  });
}
