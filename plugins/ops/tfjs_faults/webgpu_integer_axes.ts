import * as tf from "@tensorflow/tfjs";
import { axesOf, type AxisAttributes } from "../define/shapes.ts";
import { attributesOf } from "../define/spec.ts";
import { runTranspose } from "./webgpu_transpose.wgsl.ts";
import { fixKernel } from "../define/fix_kernel.ts";

const REDUCTIONS = ["All", "Any", "ArgMax", "ArgMin", "Max", "Mean", "Min", "Prod", "Sum"];
const CUMULATIVE = ["Cumprod", "Cumsum"];

/**
 * tfjs's reductions and cumulative sums on webgpu go along last axes: others they turn there by a transpose that does not compile for
 * integers, called as a function, so that no fixed kernel is reached. To see it: `tf.sum(tf.add(tf.ones([9, 13, 11], "int32"), 1),
 * 1)`; booleans alike. This turns them before, by the kernel that webgpu_transpose.ts has for integers.
 */
export function installWebgpuIntegerAxes(): void {
  for (const name of REDUCTIONS) turnBefore(name, false);
  for (const name of CUMULATIVE) turnBefore(name, true);
}

/**
 * Gives a kernel integers with the axes that it goes along as the last ones.
 *
 * @param kernelName tfjs's
 * @param keepsAxes whether the result has them, too, and is turned back
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
