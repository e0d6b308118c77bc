import type * as tf from "@tensorflow/tfjs";
import {
  CORRELATION,
  CORRELATION_GRADIENT,
  UNIT_VECTORS,
  UNIT_VECTORS_GRADIENT,
} from "../own_kernels.ts";
import { runCorrelation } from "./correlation.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { runUnitVectors } from "../unit_vectors/unit_vectors.wgsl.ts";
import { replaceKernel } from "../registry.ts";

/**
 * Composed of tfjs's products, the pixel correlation module writes and reads several arrays of pixels x pixels, each of 39 MB for a
 * training crop. These kernels write none. To see it: bench/webgpu_head.ts.
 */
export function installWebgpuPixelCorrelation(): void {
  replaceKernel(CORRELATION, "webgpu", ({ inputs, backend }) => {
    const { unit, values } = inputs as { unit: tf.TensorInfo; values: tf.TensorInfo };
    return runCorrelation(backend as unknown as WebGpu, { unit, values });
  });
  replaceKernel(CORRELATION_GRADIENT, "webgpu", ({ inputs, backend }) => {
    const { unit, left, right } = inputs as Record<"unit" | "left" | "right", tf.TensorInfo>;
    const slope = { left, right };
    return runCorrelation(backend as unknown as WebGpu, { unit, values: unit, slope });
  });
  replaceKernel(UNIT_VECTORS, "webgpu", ({ inputs, attrs, backend }) => {
    const { epsilon } = attrs as unknown as { epsilon: number };
    return runUnitVectors(backend as unknown as WebGpu, inputs["x"] as tf.TensorInfo, epsilon);
  });
  replaceKernel(UNIT_VECTORS_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
    const { epsilon } = attrs as unknown as { epsilon: number };
    return runUnitVectors(backend as unknown as WebGpu, x, epsilon, dy);
  });
}
