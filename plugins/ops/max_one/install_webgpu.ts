import type * as tf from "@tensorflow/tfjs";
import { MAX_ONE_GRADIENT } from "../own_kernels.ts";
import type { Sections } from "../reduce/sections.ts";
import { runMaxOneGradient } from "./max_one_gradient.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { replaceKernel } from "../registry.ts";

/**
 * tfjs's gradient of max and min gives the whole gradient to every tied element; our `maxOne` gives it to the first. Composed of
 * comparisons that goes through memory eleven times, and these two kernels once.
 */
export function installWebgpuMaxOne(): void {
  replaceKernel(MAX_ONE_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const tensors = inputs as Record<"x" | "max" | "dy", tf.TensorInfo>;
    return runMaxOneGradient(
      backend as unknown as WebGpu,
      tensors,
      attrs as unknown as Sections,
    );
  });
}
