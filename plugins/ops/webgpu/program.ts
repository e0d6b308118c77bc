import type * as tf from "@tensorflow/tfjs";
import type { ActivationStorage } from "../precision.ts";
import { HALF_WGSL, type Width } from "./elements.wgsl.ts";

/** A uniform value of a kernel. */
export interface Uniform {
  /** Type in WGSL. */
  readonly type: "int32" | "uint32" | "float32";
  /** One to four values. */
  readonly data: number[];
}

/** The part of tfjs's WebGPU backend that our kernels use; a type only, because this code must run without the package. */
export interface WebGpu {
  /** Whether the adapter computes on the CPU: what is fast there is not on a GPU. */
  readonly software?: boolean;
  /** Whether the adapter's compiler takes minutes for a large block in registers, as SwiftShader's does. */
  readonly slowCompiler?: boolean;
  /** Largest tensor that a kernel can bind. */
  readonly maxTensorBytes: number;
  /** How activations are stored; absent on a backend without half precision. */
  readonly activations?: ActivationStorage;
  /** Whether a tensor's elements are float16; a kernel that does not read float16 gets a float32 copy. */
  storesHalf?(dataId: tf.DataId): boolean;
  /** Frees a tensor's buffer once nothing refers to it; returns whether it was freed. */
  disposeData(dataId: tf.DataId): boolean;
  /** Runs a kernel on tensors and returns a new tensor. */
  runWebGPUProgram(
    program: WebGpuProgram,
    inputs: tf.TensorInfo[],
    outputType: tf.DataType,
    uniforms?: Uniform[],
  ): tf.TensorInfo;
}

/** A kernel as tfjs's WebGPU backend takes it. */
export interface WebGpuProgram {
  /** Names of the inputs in WGSL. */
  readonly variableNames: string[];
  /** Sizes of the output's dimensions. */
  readonly outputShape: number[];
  /** Members of the uniform block. */
  readonly uniforms: string;
  /** Invocations in a workgroup, along x, y and z. */
  readonly workgroupSize: [number, number, number];
  /** Adds `uniforms.size`, the number of elements of the output. */
  readonly size: true;
  /** Dimensions of the output that x counts. */
  readonly dispatchLayout: { x: number[] };
  /** Elements per index of each input, and of the output. */
  readonly variableComponents: number[];
  /** Elements per index of the output. */
  readonly outputComponent: number;
  /** tfjs rewrites these two. */
  dispatch: [number, number, number];
  /** Key that compiled code is cached under. */
  shaderKey: string;
  /** Returns the WGSL; tfjs prepends its declarations. */
  getUserCode(): string;
}

/** Description of a WebGPU kernel. */
export interface ProgramOptions {
  /** Unique: compiled code is cached under it. */
  readonly name: string;
  /** Sizes of the output's dimensions. */
  readonly outputShape: readonly number[];
  /** Names of the tensors in WGSL; `uniforms.xShape` is the shape of `x`, `uniforms.size` the number of indices of the output. */
  readonly inputs: readonly string[];
  /** What one index of each input holds; one element where left out. */
  readonly widths?: readonly Width[];
  /** What one index of the output holds. With float16 `uniforms.size` counts words, two to an index. */
  readonly outputWidth?: Width;
  /** Members of the uniform block, such as `"count : i32,"`, in the order of the values given when it runs. */
  readonly uniforms: string;
  /** Invocations in a workgroup, along x, y and z. */
  readonly workgroupSize: readonly [number, number, number];
  /** Workgroups along x; more than a device allows are spread over y and z by tfjs. */
  readonly workgroups: number;
  /**
   * WGSL with `fn main(index : i32)`, index counting invocations over all workgroups; writes `result[]`. It must read every input and a
   * uniform: the binding layout is derived from what it reads.
   */
  readonly code: string;
}

/**
 * Builds a kernel.
 *
 * @param options what it consists of
 * @returns a program for `runWebGPUProgram`
 */
export function webgpuProgram(options: ProgramOptions): WebGpuProgram {
  const widths = options.widths ?? options.inputs.map(() => 1 as const);
  const halves = [...widths, options.outputWidth].includes("half");
  return {
    variableNames: [...options.inputs],
    outputShape: [...options.outputShape],
    uniforms: options.uniforms,
    size: true,
    workgroupSize: [...options.workgroupSize],
    dispatchLayout: { x: options.outputShape.map((_, i) => i) },
    dispatch: [options.workgroups, 1, 1],
    variableComponents: widths.map(componentsOf),
    outputComponent: componentsOf(options.outputWidth ?? 1),
    shaderKey: options.name,
    getUserCode: () => halves ? HALF_WGSL + options.code : options.code,
  };
}

/** Number of vector components that marks a binding as float16, four in two words; tfjs itself only uses 1 and 4. */
export const HALF_COMPONENTS = 2;

function componentsOf(width: Width): number {
  return width === "half" ? HALF_COMPONENTS : width;
}

/**
 * A uniform of whole numbers.
 *
 * @param data one to four values
 * @returns them as a uniform
 */
export function ints(...data: number[]): Uniform {
  return { type: "int32", data };
}
