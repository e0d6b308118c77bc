import * as tf from "@tensorflow/tfjs";
import { sectionsOf } from "./sections.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { type Reduction, runReduce } from "./reduce.wgsl.ts";
import { replaceKernel } from "../registry.ts";

const REDUCTIONS: readonly (readonly [string, Reduction])[] = [
  ["Sum", "sum"],
  ["Mean", "mean"],
  ["Max", "max"],
  ["Min", "min"],
];

/** Of tfjs: values that are on the CPU, few enough to be reduced there. */
interface MayStayOnCpu {
  shouldExecuteOnCPU(inputs: readonly tf.TensorInfo[]): boolean;
}

/**
 * tfjs's reductions on webgpu turn the array first where other axes than the last go, and start one workgroup a result: 200,704 of
 * them for the maximum of 21 channels, a single one for the sum of millions. To see it: bench/webgpu_head.ts.
 */
export function installWebgpuReductions(): void {
  for (const [kernelName, reduction] of REDUCTIONS) {
    const stock = tf.getKernel(kernelName, "webgpu").kernelFunc;
    replaceKernel(kernelName, "webgpu", (call) => {
      const x = call.inputs["x"] as tf.TensorInfo;
      const { axis, reductionIndices, keepDims } = call.attrs as unknown as {
        axis?: number | number[];
        reductionIndices?: number | number[];
        keepDims: boolean;
      };
      const axes = tf.util.parseAxisParam((axis ?? reductionIndices)!, x.shape);
      const sections = axes.length === 0 ? undefined : sectionsOf(x.shape, axes);
      const backend = call.backend as unknown as WebGpu & MayStayOnCpu;
      if (
        x.dtype !== "float32" || sections === undefined || x.shape.includes(0) ||
        backend.shouldExecuteOnCPU([x])
      ) return stock(call);
      const [kept] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
      const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
      return { ...runReduce(backend, x, sections, reduction), shape };
    });
  }
}
