import type * as tf from "@tensorflow/tfjs";
import { WEIGHTED_SUM, type WeightedSumAttributes } from "../own_kernels.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { runWeightedSum } from "./weighted_sum.wgsl.ts";
import { replaceKernel } from "../registry.ts";

/**
 * An optimizer's update composed of tfjs's ops passes over each parameter six times, and is as many dispatches. To see it:
 * bench/webgpu_kernels.ts.
 */
export function installWebgpuWeightedSum(): void {
  replaceKernel(WEIGHTED_SUM, "webgpu", ({ inputs, attrs, backend }) => {
    const { factors } = attrs as unknown as WeightedSumAttributes;
    const tensors = factors.map((_, i) => inputs[`x${i}`] as tf.TensorInfo);
    return runWeightedSum(backend as unknown as WebGpu, tensors, factors);
  });
}
