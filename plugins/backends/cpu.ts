import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import type { Backend, BackendInfo } from "../../core/contracts/backend.ts";
import { installOps } from "../ops/install.ts";
import { definePlugin } from "../../core/registry/plugin.ts";
import type { Op } from "../../core/contracts/op.ts";
import { floatsOnly } from "./precision.ts";
import { quietNodeBanner } from "./quiet.ts";

/** tfjs in plain JavaScript: present everywhere, some 30 times slower than wasm; the reference the other two are checked by. */
class CpuBackend implements Backend {
  available(): Promise<{ readonly ok: true }> {
    return Promise.resolve({ ok: true });
  }

  async prepare(ops: readonly Op[]): Promise<BackendInfo> {
    quietNodeBanner();
    installOps("cpu", ops);
    if (!await tf.setBackend("cpu")) throw new Error('Cannot start tfjs backend "cpu"');
    return {
      name: "cpu",
      device: "JavaScript, 1 thread",
      software: false,
      maxTensorBytes: Infinity,
      check: () => Promise.resolve(),
      purge() {},
    };
  }
}

/** The plain JavaScript backend. */
export const cpuBackend = definePlugin({
  kind: "backend",
  name: "cpu",
  summary: "plain JavaScript, on any machine; slow, for checks",
  options: z.strictObject({ precision: floatsOnly }),
  create: () => new CpuBackend(),
});
