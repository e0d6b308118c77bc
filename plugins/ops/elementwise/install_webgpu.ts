import * as tf from "@tensorflow/tfjs";
import { givesHalf } from "../half_outputs.ts";
import { narrow } from "../webgpu/half.wgsl.ts";
import { activateHalves, combineHalves } from "./half_elements.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { replaceKernel } from "../registry.ts";

type KernelCall = Parameters<tf.KernelFunc>[0];

/** Kernels that know nothing of halves: what they read is widened for them, what they give is narrowed after them. */
const NARROWED = ["FusedBatchNorm", "MaxPool", "AvgPool"];

/** Kernels with a version of ours where anything is stored in half. */
const COMBINED = [["Add", "+"], ["Multiply", "*"]] as const;
const ACTIVATED = [["Relu", "relu"], ["Relu6", "relu6"]] as const;

/**
 * tfjs has no float16. These kernels give tensors that are stored in half where `precision: f16` wants it; the convolutions and the
 * frozen batch norm do by themselves.
 */
export function installWebgpuHalfPrecision(): void {
  for (const name of NARROWED) {
    const { kernelFunc } = tf.getKernel(name, "webgpu");
    replaceKernel(name, "webgpu", (call) => narrowed(name, kernelFunc, call));
  }
  for (const [name, operator] of COMBINED) {
    preferOurs(
      name,
      ["a", "b"],
      (backend, half, [a, b]) => combineHalves(backend, operator, a!, b!, half),
    );
  }
  for (const [name, activation] of ACTIVATED) {
    preferOurs(name, ["x"], (backend, half, [x]) => activateHalves(backend, activation, x!, half));
  }
}

/**
 * Runs a kernel of ours where anything is stored in half, or is to be.
 *
 * @param kernelName tfjs's
 * @param names of its inputs
 * @param run ours; gives undefined where it cannot
 */
function preferOurs(
  kernelName: string,
  names: readonly string[],
  run: (
    backend: WebGpu,
    half: boolean,
    inputs: readonly tf.TensorInfo[],
  ) => tf.TensorInfo | undefined,
): void {
  const { kernelFunc } = tf.getKernel(kernelName, "webgpu");
  replaceKernel(kernelName, "webgpu", (call) => {
    const backend = call.backend as unknown as WebGpu;
    const inputs = names.map((name) => call.inputs[name] as tf.TensorInfo);
    const shape = inputs.map(({ shape }) => shape)
      .reduce((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, b));
    const half = givesHalf(kernelName, call.inputs, call.attrs, shape);
    const any = half || inputs.some(({ dataId }) => backend.storesHalf?.(dataId));
    const floats = inputs.every(({ dtype }) => dtype === "float32");
    return any && floats && run(backend, half, inputs) || narrowed(kernelName, kernelFunc, call);
  });
}

/** Runs a kernel that gives floats; they are stored in half where that is wanted. */
function narrowed(
  name: string,
  kernelFunc: tf.KernelFunc,
  call: KernelCall,
): tf.TensorInfo {
  const floats = kernelFunc(call) as tf.TensorInfo;
  const half = floats.dtype === "float32" &&
    givesHalf(name, call.inputs, call.attrs, floats.shape);
  if (!half) return floats;
  const backend = call.backend as unknown as WebGpu;
  try {
    return narrow(backend, floats);
  } finally {
    backend.disposeData(floats.dataId);
  }
}
