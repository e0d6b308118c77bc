import * as tf from "@tensorflow/tfjs";
import { attributesOf } from "../define/spec.ts";
import { fixKernel } from "../define/fix_kernel.ts";

/**
 * tfjs's reversed Cumsum and Cumprod on webgpu bake the axis's length into WGSL that is cached without it: after one length, every
 * other is wrong, and cumsum's gradient is a reversed cumsum. To see it: `tf.cumsum(x, 0, false, true)` of 3 elements, then of 5.
 * The forward direction does not use the length: this reverses, runs the forward one, and reverses again.
 */
export function installWebgpuCumulative(): void {
  fixReversed("Cumsum", tf.cumsum);
  fixReversed("Cumprod", tf.cumprod);
}

function fixReversed(
  kernelName: "Cumsum" | "Cumprod",
  op: typeof tf.cumsum | typeof tf.cumprod,
): void {
  fixKernel({
    kernel: kernelName,
    backend: "webgpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ axis: number; exclusive: boolean; reverse: boolean }>(),
    run: ({ x }, { axis, exclusive, reverse }, context) =>
      reverse
        ? tf.tidy(() => tf.reverse(op(tf.reverse(x, axis), axis, exclusive, false), axis))
        : context.stock(),
  });
}
