import type * as tf from "@tensorflow/tfjs";
import { givesHalf } from "../half_outputs.ts";
import { FROZEN_NORM, FROZEN_NORM_GRADIENT, type FrozenNormAttributes } from "../own_kernels.ts";
import { runFrozenNorm, runFrozenNormGradient } from "./frozen_norm.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { replaceKernel } from "../registry.ts";

/**
 * Composed of tfjs's ops, a batch normalisation with fixed statistics and its activation are two passes over memory forward and four
 * backward; these are one each. To see it: bench/webgpu_kernels.ts.
 */
export function installWebgpuFrozenNorm(): void {
  replaceKernel(FROZEN_NORM, "webgpu", ({ inputs, attrs, backend }) => {
    const { x, mean, variance, weight, bias } = inputs as Record<
      "x" | "mean" | "variance" | "weight" | "bias",
      tf.TensorInfo
    >;
    const attributes = attrs as unknown as FrozenNormAttributes;
    const vectors = [mean, variance, weight, bias] as const;
    const half = givesHalf(FROZEN_NORM, inputs, attrs, x.shape);
    return runFrozenNorm(backend as unknown as WebGpu, x, vectors, attributes, half);
  });
  replaceKernel(FROZEN_NORM_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { dy, y, variance, weight } = inputs as
      & Record<
        "dy" | "variance" | "weight",
        tf.TensorInfo
      >
      & { y?: tf.TensorInfo };
    const attributes = attrs as unknown as FrozenNormAttributes;
    const vectors = [variance, weight] as const;
    const half = givesHalf(FROZEN_NORM_GRADIENT, inputs, attrs, dy.shape);
    return runFrozenNormGradient(backend as unknown as WebGpu, dy, y, vectors, attributes, half);
  });
}
