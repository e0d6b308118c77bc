import * as tf from "@tensorflow/tfjs";
import { axesOf, type AxisAttributes } from "../define/shapes.ts";
import { attributesOf } from "../define/spec.ts";
import { runTranspose } from "./webgpu_transpose.wgsl.ts";
import { fixKernel } from "../define/fix_kernel.ts";

const REDUCTIONS = ["All", "Any", "ArgMax", "ArgMin", "Max", "Mean", "Min", "Prod", "Sum"];
const CUMULATIVE = ["Cumprod", "Cumsum"];

/**
 * tfjs's reductions and cumulative sums on webgpu run along the last axes, and transpose the input where others are requested. That
 * transpose does not compile for integers, and is called as a function rather than through the kernel registry, so that a fixed
 * kernel is not used. To see it: `tf.sum(tf.add(tf.ones([9, 13, 11], "int32"), 1), 1)`; the same holds for booleans. This
 * transposes the input beforehand, with the integer kernel of webgpu_transpose.ts.
 */
export function installWebgpuIntegerAxes(): void {
  for (const name of REDUCTIONS) turnBefore(name, false);
  for (const name of CUMULATIVE) turnBefore(name, true);
}

/**
 * Wraps a kernel so that integer inputs are transposed first: the axes that it runs along become the last ones.
 *
 * @param kernelName tfjs's
 * @param keepsAxes whether the result has these axes too and is transposed back
 */
function turnBefore(kernelName: string, keepsAxes: boolean): void {
  fixKernel({
    kernel: kernelName,
    backend: "webgpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<AxisAttributes>(),
    run({ x }, attributes, context) {
      const { backend } = context, rank = x.shape.length;
      const axes = axesOf(x.shape, attributes);
      const order = tf.backend_util.getAxesPermutation(axes, rank);
      const integers = x.dtype === "int32" || x.dtype === "bool";
      if (
        !integers || order === null || x.shape.includes(0) || backend.shouldExecuteOnCPU([x])
      ) return context.stock();
      const last = tf.backend_util.getInnerMostAxes(axes.length, rank);
      const along = keepsAxes ? last[0]! : last;
      const turned = runTranspose(backend, x, order), done = [turned];
      try {
        const given = context.stock({
          inputs: { x: turned },
          attributes: { ...attributes, axis: along, reductionIndices: along, keepDims: false },
        });
        if (!keepsAxes) {
          return attributes.keepDims
            ? { ...given, shape: tf.backend_util.expandShapeToKeepDim(given.shape, axes) }
            : given;
        }
        done.push(given);
        return runTranspose(backend, given, tf.backend_util.getUndoAxesPermutation(order));
      } finally {
        for (const { dataId } of done) backend.disposeData(dataId);
      }
    },
  });
}
