import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "../registry.ts";

/**
 * tfjs's reversed Cumsum and Cumprod on webgpu bake the axis's length into WGSL that is cached without it: after one length, every
 * other is wrong, and cumsum's gradient is a reversed cumsum. To see it: `tf.cumsum(x, 0, false, true)` of 3 elements, then of 5.
 * The other direction reads no length: this runs that one between two reversals.
 */
export function installWebgpuCumulative(): void {
  mend("Cumsum", tf.cumsum);
  mend("Cumprod", tf.cumprod);
}

function mend(
  kernelName: "Cumsum" | "Cumprod",
  op: typeof tf.cumsum | typeof tf.cumprod,
): void {
  const { kernelFunc } = tf.getKernel(kernelName, "webgpu");
  replaceKernel(kernelName, "webgpu", (call) => {
    const x = call.inputs["x"] as tf.Tensor;
    const { axis, exclusive, reverse } = call.attrs as unknown as {
      axis: number;
      exclusive: boolean;
      reverse: boolean;
    };
    if (!reverse) return kernelFunc(call);
    return tf.tidy(() => tf.reverse(op(tf.reverse(x, axis), axis, exclusive, false), axis));
  });
}
