import * as z from "zod";
import type { Backend, BackendInfo, Precision } from "../../core/contracts/backend.ts";
import type { Op } from "../../core/contracts/op.ts";
import { userError } from "../../core/errors.ts";
import { definePlugin } from "../../core/registry/plugin.ts";
import { precision } from "./precision.ts";
import { describeAdapter, isSoftware, lookAtAdapter } from "../ops/webgpu/device.ts";

/** A real GPU where there is one, WebAssembly elsewhere: a software adapter is ten times slower than wasm. */
class AutoBackend implements Backend {
  readonly #webgpu: Backend;
  readonly #wasm: Backend;
  readonly #precision: Precision;

  constructor(webgpu: Backend, wasm: Backend, precision: Precision) {
    this.#webgpu = webgpu;
    this.#wasm = wasm;
    this.#precision = precision;
  }

  available(): Promise<{ readonly ok: true }> {
    return Promise.resolve({ ok: true });
  }

  async prepare(ops: readonly Op[]): Promise<BackendInfo> {
    const found = await lookAtAdapter("high-performance");
    const real = "adapter" in found && !isSoftware(found.adapter);
    if (!real && this.#precision === "f16") {
      const reason = "adapter" in found
        ? `${describeAdapter(found.adapter)} is a software adapter`
        : found.reason;
      throw userError(
        new Error(
          `Cannot use precision f16 on backend wasm, which auto chose: ${reason}; use "backend: webgpu" in any case, or precision f32`,
        ),
      );
    }
    return await (real ? this.#webgpu : this.#wasm).prepare(ops);
  }
}

/** Chooses the backend by the machine. */
export const autoBackend = definePlugin({
  kind: "backend",
  name: "auto",
  summary: "webgpu where there is a real GPU, else wasm",
  options: z.strictObject({ precision }),
  create: async ({ precision = "f32" }, _args, factory) =>
    new AutoBackend(
      await factory.create("backend", { use: "webgpu", precision }, undefined),
      await factory.create("backend", { use: "wasm" }, undefined),
      precision,
    ),
});
