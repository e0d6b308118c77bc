import type * as tf from "@tensorflow/tfjs";
import { SGD_UPDATE, type SgdUpdateAttributes } from "../own_kernels.ts";
import { runSgdUpdate, type WebGpuInPlace } from "./sgd_update.wgsl.ts";
import { replaceKernel } from "../registry.ts";

/**
 * A kernel of tfjs writes one new tensor: an update of all parameters is two dispatches and two allocations each. This overwrites
 * several at once. To see it: bench/webgpu_kernels.ts.
 */
export function installWebgpuSgdUpdate(): void {
  replaceKernel(SGD_UPDATE, "webgpu", ({ inputs, attrs, backend }) =>
    runSgdUpdate(
      backend as unknown as WebGpuInPlace,
      inputs as Record<string, tf.TensorInfo>,
      attrs as unknown as SgdUpdateAttributes,
    ));
}
