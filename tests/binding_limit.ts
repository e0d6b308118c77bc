import * as tf from "@tensorflow/tfjs";
import type { GuardedWebGPUBackend } from "../plugins/backends/guarded_webgpu.ts";

/**
 * Runs on the current WebGPU backend as if its adapter bound less. The backend refuses every kernel that would see a larger tensor,
 * so that what runs within runs there.
 *
 * @param bytes largest tensor that a kernel may see; undefined for the adapter's own limit
 * @param run what to run; its tensors on the backend must all be disposed or returned
 * @returns what `run` returns
 */
export function withBindingLimit<T>(bytes: number | undefined, run: () => T): T {
  const backend = tf.backend() as unknown as GuardedWebGPUBackend;
  if (bytes === undefined) return run();
  // Hides the getter of the class.
  Object.defineProperty(backend, "maxTensorBytes", { value: bytes, configurable: true });
  // Convolutions as small as a test's tfjs would unroll nine times over, past a limit that is as small.
  const unrolled = tf.env().getNumber("WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL");
  tf.env().set("WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL", 0);
  try {
    return run();
  } finally {
    tf.env().set("WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL", unrolled);
    Reflect.deleteProperty(backend, "maxTensorBytes");
  }
}
