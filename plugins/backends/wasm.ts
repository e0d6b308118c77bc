import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as z from "zod";
import type { Backend, BackendInfo } from "../../core/contracts/backend.ts";
import type { Op } from "../../core/contracts/op.ts";
import { installOps } from "../ops/install.ts";
import { installWasmOutOfMemory } from "../ops/tfjs_faults/wasm_out_of_memory.ts";
import { hasRelaxedSimd } from "../ops/wasm/program.ts";
import { floatsAt, offsetOf, type Wasm } from "../ops/wasm/heap.ts";
import { definePlugin } from "../../core/registry/plugin.ts";
import { floatsOnly } from "./precision.ts";
import { quietNodeBanner } from "./quiet.ts";

/** WebAssembly's 32-bit address space. */
const MAX_WASM_BYTES = 2 ** 32 - 2 ** 16;

/** tfjs on WebAssembly: what to train on where there is no GPU. */
class WasmBackend implements Backend {
  available(): Promise<{ readonly ok: true }> {
    return Promise.resolve({ ok: true });
  }

  async prepare(ops: readonly Op[]): Promise<BackendInfo> {
    quietNodeBanner();
    // setWasmPaths() is not called: by itself tfjs finds its .wasm files beside the npm package. Whoever must move them gives it a
    // file-system path with a trailing slash; a file: URL fails.
    // tfjs's threaded build needs browser Workers that Deno's Node emulation does not give, and would take the cores that load
    // data: one thread, said outright so that no later version turns it on by itself.
    setThreadsCount(1);
    installOps("wasm", ops);
    if (!await tf.setBackend("wasm")) {
      throw new Error(
        'Cannot start tfjs backend "wasm": its .wasm file was not found beside the npm package',
      );
    }
    if (!await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) {
      throw new Error('Cannot start tfjs backend "wasm": this engine has no WebAssembly SIMD');
    }
    const wasm = tf.backend() as unknown as Wasm;
    installWasmOutOfMemory(wasm);
    return {
      name: "wasm",
      device: `WebAssembly ${hasRelaxedSimd() ? "relaxed " : ""}SIMD, 1 thread`,
      software: false,
      maxTensorBytes: MAX_WASM_BYTES,
      memory: {
        bytes: 0.75 * MAX_WASM_BYTES,
        from: "three quarters of WebAssembly's 4 GiB; kernels need the rest for scratch memory",
        counts: "used",
      },
      check: () => Promise.resolve(),
      view: (tensor) => floatsAt(wasm, offsetOf(wasm, tensor), tensor.size),
      purge() {},
    };
  }
}

/** The WebAssembly backend. */
export const wasmBackend = definePlugin({
  kind: "backend",
  name: "wasm",
  summary: "WebAssembly SIMD, one thread; for training without a GPU",
  options: z.strictObject({ precision: floatsOnly }),
  create: () => new WasmBackend(),
});
