import type * as tf from "@tensorflow/tfjs";
import { narrow } from "./half.wgsl.ts";
import type { WebGpu } from "./program.ts";

type KernelCall = Parameters<tf.KernelFunc>[0];

/**
 * Wraps a kernel so that its result is stored in float16 where requested, if the kernel did not do so itself.
 *
 * @param kernelFunc the kernel
 * @param givesHalf whether the result of a call is to be stored in float16
 * @returns the kernel
 */
export function narrowed(
  kernelFunc: tf.KernelFunc,
  givesHalf: (call: KernelCall, shape: readonly number[]) => boolean,
): tf.KernelFunc {
  return (call) => {
    const given = kernelFunc(call);
    const backend = call.backend as Partial<WebGpu>;
    if (backend.activations?.precision !== "f16" || Array.isArray(given)) return given;
    if (given.dtype !== "float32" || backend.storesHalf?.(given.dataId)) return given;
    if (!givesHalf(call, given.shape)) return given;
    // Only WebGPU stores activations in float16.
    const webgpu = backend as WebGpu;
    try {
      return narrow(webgpu, given);
    } finally {
      webgpu.disposeData(given.dataId);
    }
  };
}
