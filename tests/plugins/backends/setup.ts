import * as tf from "@tensorflow/tfjs";
import type { GuardedWebGPUBackend } from "../../../plugins/backends/guarded_webgpu.ts";
import { backends, presentBackends } from "../../backends.ts";

/** Whether this machine has WebGPU. */
export const present = presentBackends.includes("webgpu");

/** A test of the WebGPU backend itself; the device outlives it. */
export function webgpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !present, sanitizeOps: false, sanitizeResources: false, fn });
}

/** The current backend, prepared. */
export async function prepared() {
  const info = await backends.webgpu.prepare();
  await info.check();
  return { info, backend: tf.backend() as unknown as GuardedWebGPUBackend };
}
