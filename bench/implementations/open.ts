import { type BackendInfo, type Op, Registry } from "seamstress";
import type { Implementation } from "seamstress/ops";
import { ops as shipped, plugins } from "seamstress/plugins";
import { perTapGradient } from "./per_tap.ts";
import { register, registered } from "./registered.ts";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";

/** The parts of an operation, a result of `defineOp`, that a comparison needs. */
export interface InstalledOp extends Op {
  /** Kernel name in tfjs. */
  readonly kernel: string;
  /** Whether it replaces a kernel of tfjs. */
  readonly replacesTfjs: boolean;
}

/** Backends that are measured. */
export type BackendName = "webgpu" | "wasm";

/** A backend whose kernels can be exchanged. */
export interface Implementations {
  readonly info: BackendInfo;
  /**
   * Switches to one implementation's kernels.
   *
   * @param name `trainable` is tfjs's kernels with gradients composed of them, and the one kernel that nothing can be composed
   *   of, top-k
   *   with ties apart: the least that trains SEAM's network
   */
  use(name: Implementation | "trainable"): void;
}

/**
 * Prepares a backend. Call it once per process: it stores the kernels that tfjs had registered before.
 *
 * @param name which
 * @param others external operations, in addition to the project's own
 * @returns the backend and its implementations
 * @throws {Error} where there is no such backend, such as WebGPU without an adapter
 */
export async function openImplementations(
  name: BackendName,
  others: readonly InstalledOp[] = [],
): Promise<Implementations> {
  const ops = [...shipped, ...others];
  return name === "wasm" ? await openWasm(ops) : await openWebGpu(ops);
}

/** The one that nothing of tfjs can be composed to: top-k with ties apart. */
const selectLargestOp = shipped.find(({ name }) => name === "SelectLargest")!;

/** Kernels whose gradients tfjs lacks or implements slowly. */
const GRADIENTS = ["Conv2D", "DepthwiseConv2dNative", "ResizeBilinear", "Max", "Sum", "Mean"];

async function openWasm(ops: readonly InstalledOp[]): Promise<Implementations> {
  const before = registered("wasm", GRADIENTS);
  const use = { use: "wasm" };
  const info = await (await new Registry(plugins).create("backend", use, undefined)).prepare(ops);
  const ours = registered("wasm", GRADIENTS);
  const kernels = [
    ...before.kernels,
    ...ours.kernels.filter(({ kernelName }) => kernelName === selectLargestOp.kernel),
  ];
  const gradient = (convolution: tf.GradConfig) =>
    ours.gradients.map((own, i) =>
      own.kernelName === "Conv2D"
        ? convolution
        : own.kernelName === "DepthwiseConv2dNative"
        ? own
        : before.gradients[i]!
    );
  const sets = {
    ours,
    // With what it lacks: gradients, depthwise ones composed of its ops, and that top-k.
    tfjs: { kernels, gradients: gradient(perTapGradient) },
    // tfjs and what most people add to it refuse the dilated convolutions of SEAM's network.
    trainable: { kernels, gradients: gradient(ours.gradients[0]!) },
  };
  return {
    info,
    use: (name) => register("wasm", name === "composed" ? sets.trainable : sets[name]),
  };
}

const MATMUL_FLAG = "WEBGPU_MATMUL_PROGRAM_TYPE";

async function openWebGpu(ops: readonly InstalledOp[]): Promise<Implementations> {
  const tfjs = registered("webgpu"), tfjsMatMul = tf.env().getNumber(MATMUL_FLAG);
  const use = { use: "webgpu", powerPreference: "high-performance" };
  const info = await (await new Registry(plugins).create("backend", use, undefined)).prepare(ops);
  const ours = registered("webgpu"), ourMatMul = tf.env().getNumber(MATMUL_FLAG);
  // Kernels that only this project has: what calls them composes their results where they are not registered.
  const own = new Set(
    ops.filter((op) => !op.replacesTfjs && op !== selectLargestOp).map(({ kernel }) => kernel),
  );
  const named = (name: string) => ({ kernelName }: tf.KernelConfig) => kernelName === name;
  const composed = ours.kernels.filter(({ kernelName }) => !own.has(kernelName))
    .map((kernel) =>
      ["Conv2D", "DepthwiseConv2dNative"].includes(kernel.kernelName)
        ? tfjs.kernels.find(named(kernel.kernelName))!
        : kernel
    );
  const selecting = ours.kernels.filter(named(selectLargestOp.kernel));
  const sets = {
    ours,
    tfjs,
    composed: { kernels: composed, gradients: [] },
    trainable: { kernels: [...tfjs.kernels, ...selecting], gradients: [] },
  };
  return {
    info,
    use(name) {
      register("webgpu", sets[name]);
      const matMul = name === "tfjs" || name === "trainable" ? tfjsMatMul : ourMatMul;
      tf.env().set(MATMUL_FLAG, matMul);
    },
  };
}
