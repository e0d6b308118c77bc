import type * as tf from "@tensorflow/tfjs";
import { INTERPOLATE_IMAGE, type InterpolateImageAttributes } from "../own_kernels.ts";
import { runInterpolate } from "./interpolate.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { replaceKernel } from "../registry.ts";

/**
 * As two matrix products, an interpolation multiplies by zeros all but a few a row. This leaves them out. To see it:
 * bench/webgpu_head.ts.
 */
export function installWebgpuInterpolate(): void {
  replaceKernel(INTERPOLATE_IMAGE, "webgpu", ({ inputs, attrs, backend }) => {
    const x = inputs["x"] as tf.TensorInfo;
    const attributes = attrs as unknown as InterpolateImageAttributes;
    return runInterpolate(backend as unknown as WebGpu, x, attributes);
  });
}
