import * as tf from "@tensorflow/tfjs";
import { attributesOf } from "../define/spec.ts";
import { runTranspose } from "./webgpu_transpose.wgsl.ts";
import { fixKernel } from "../define/fix_kernel.ts";

/**
 * tfjs's transpose on webgpu writes integers by a function for floats, which does not compile (but for a matrix's): the result is
 * zeros, and the device reports an error. To see it: `tf.transpose(tf.add(tf.ones([9, 13, 11], "int32"), 1)).data()`; the same
 * holds for booleans. This adds a kernel for them.
 */
export function installWebgpuTranspose(): void {
  fixKernel({
    kernel: "Transpose",
    backend: "webgpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ perm: number[] }>(),
    run({ x }, { perm }, context) {
      const { backend } = context;
      const integers = x.dtype === "int32" || x.dtype === "bool";
      const empty = tf.util.sizeFromShape(x.shape) === 0;
      if (!integers || empty || backend.shouldExecuteOnCPU([x])) return context.stock();
      return runTranspose(backend, x, perm);
    },
  });
}
