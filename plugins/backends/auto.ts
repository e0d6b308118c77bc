import * as z from "zod";
import type { Backend, BackendInfo } from "../../core/contracts/backend.ts";
import { definePlugin } from "../../core/plugin.ts";
import { findAdapter, isSoftware } from "./webgpu_device.ts";

/** A real GPU where there is one, WebAssembly elsewhere: a software adapter is ten times slower than wasm. */
class AutoBackend implements Backend {
  readonly #webgpu: Backend;
  readonly #wasm: Backend;

  constructor(webgpu: Backend, wasm: Backend) {
    this.#webgpu = webgpu;
    this.#wasm = wasm;
  }

  available(): Promise<{ readonly ok: true }> {
    return Promise.resolve({ ok: true });
  }

  async prepare(): Promise<BackendInfo> {
    const found = await findAdapter("high-performance");
    const real = "adapter" in found && !isSoftware(found.adapter);
    return await (real ? this.#webgpu : this.#wasm).prepare();
  }
}

/** Chooses the backend by the machine. */
export const autoBackend = definePlugin({
  kind: "backend",
  name: "auto",
  summary: "webgpu where there is a real GPU, else wasm",
  options: z.strictObject({}),
  create: async (_options, _args, maker) =>
    new AutoBackend(
      await maker.create("backend", { use: "webgpu" }, undefined),
      await maker.create("backend", { use: "wasm" }, undefined),
    ),
});
