import type * as tf from "@tensorflow/tfjs";
import { SELECT_LARGEST } from "../own_kernels.ts";
import { replaceKernel } from "../registry.ts";
import { type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { SELECT_LARGEST_WGSL, SELECT_THREADS } from "./select_largest.wgsl.ts";
import { selectLargestInParts } from "./select_largest_parts.wgsl.ts";

/** Longest row that one workgroup sees to: below, the kernels that bring parts together take longer than they save. */
const SHORT = 1 << 14;

/** Elements of a long row that one workgroup sees to: a GPU has more to keep busy than the cores of a CPU. */
const PART = { gpu: 1 << 12, software: 1 << 14 } as const;

/**
 * tfjs's topk on webgpu sorts: rows of 65,856 take seconds. This registers a radix selection instead, one workgroup a row or, of long
 * rows, a part. To see the fault: time `tf.topk(tf.randomUniform([8, 65856]), 100)` on webgpu.
 */
export function installSelectLargestWebgpu(): void {
  replaceKernel(SELECT_LARGEST, "webgpu", ({ inputs, attrs, backend }) => {
    const x = inputs["x"] as tf.TensorInfo;
    const { count } = attrs as unknown as { count: number };
    const webgpu = backend as unknown as WebGpu, length = x.shape[1]!;
    if (length > SHORT) {
      const parts = Math.ceil(length / PART[webgpu.software ? "software" : "gpu"]);
      return selectLargestInParts(webgpu, x, count, parts);
    }
    const program = webgpuProgram({
      name: SELECT_LARGEST,
      outputShape: x.shape,
      inputs: ["x"],
      uniforms: "count : i32,",
      workgroupSize: [SELECT_THREADS, 1, 1],
      workgroups: x.shape[0]!,
      code: SELECT_LARGEST_WGSL,
    });
    return webgpu.runWebGPUProgram(program, [x], "float32", [
      { type: "int32", data: [count] },
    ]);
  });
}
