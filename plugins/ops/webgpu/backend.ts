import type * as tf from "@tensorflow/tfjs";
import type { WebGpuOwners } from "./in_place.ts";
import type { Uniform, WebGpu, WebGpuProgram } from "./program.ts";

/**
 * The part of tfjs's WebGPU backend that this project's kernels use; a type only, so that importing it does not load the package.
 */
export interface WebGpuBackend extends WebGpu, WebGpuOwners {
  /** Largest tensor that a kernel can bind, in bytes. */
  readonly maxTensorBytes: number;
  /** Compiled kernels; private to tfjs. */
  readonly pipelineCache: Record<string, GPUComputePipeline>;
  /** Whether tfjs would compute on the CPU instead: the inputs' values are in main memory, and few. */
  shouldExecuteOnCPU(inputs: readonly tf.TensorInfo[]): boolean;
  /** Whether a tensor's elements are float16. */
  storesHalf(dataId: tf.DataId): boolean;
  /** Frees a tensor's buffer once nothing refers to it; returns whether it was freed. */
  disposeData(dataId: tf.DataId): boolean;
  /**
   * Runs a kernel.
   *
   * @param into a tensor that the kernel writes to instead of a new one
   */
  runWebGPUProgram(
    program: WebGpuProgram,
    inputs: tf.TensorInfo[],
    outputType: tf.DataType,
    uniforms?: Uniform[],
    into?: tf.TensorInfo,
  ): tf.TensorInfo;
}
