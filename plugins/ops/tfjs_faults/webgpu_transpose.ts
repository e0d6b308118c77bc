import * as tf from "@tensorflow/tfjs";
import type { WebGpu } from "../webgpu/program.ts";
import { runTranspose } from "./webgpu_transpose.wgsl.ts";
import { replaceKernel } from "../registry.ts";

/** tfjs's backend, as far as it says what it computes on the CPU. */
interface Choosing extends WebGpu {
  shouldExecuteOnCPU(inputs: readonly tf.TensorInfo[]): boolean;
}

/**
 * tfjs's transpose on webgpu writes integers by a function for floats, which does not compile (but for a matrix's): the result is
 * zeros, and the device reports an error. To see it: `tf.transpose(tf.add(tf.ones([9, 13, 11], "int32"), 1)).data()`; booleans alike.
 * This has a kernel for them.
 */
export function installWebgpuTranspose(): void {
  const { kernelFunc } = tf.getKernel("Transpose", "webgpu");
  replaceKernel("Transpose", "webgpu", (call) => {
    const x = call.inputs["x"] as tf.TensorInfo;
    const { perm } = call.attrs as unknown as { perm: number[] };
    const backend = call.backend as unknown as Choosing;
    const integers = x.dtype === "int32" || x.dtype === "bool";
    const empty = tf.util.sizeFromShape(x.shape) === 0;
    if (!integers || empty || backend.shouldExecuteOnCPU([x])) return kernelFunc(call);
    return runTranspose(backend, x, perm);
  });
}
