import * as tf from "@tensorflow/tfjs";
import { givesHalf } from "../half_outputs.ts";
import { DEPTHWISE_INPUT_GRADIENT } from "../own_kernels.ts";
import { narrow } from "../webgpu/half.wgsl.ts";
import { combineHalves } from "../webgpu/half_elements.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { replaceKernel } from "./registry.ts";

/** Kernels that know nothing of halves: what they read is widened for them, what they give is narrowed after them. */
const NARROWED = [
  "DepthwiseConv2dNative",
  "FusedBatchNorm",
  "MaxPool",
  "AvgPool",
  "Relu",
  "Relu6",
  DEPTHWISE_INPUT_GRADIENT,
];

/** Kernels with a version of ours for halves. */
const COMBINED = [["Add", "+"], ["Multiply", "*"]] as const;

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
    const { kernelFunc } = tf.getKernel(name, "webgpu");
    replaceKernel(name, "webgpu", (call) => {
      const { a, b } = call.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
      if (combines(a, b) && givesHalf(name, call.inputs, call.attrs, a.shape)) {
        return combineHalves(call.backend as unknown as WebGpu, operator, a, b);
      }
      return narrowed(name, kernelFunc, call);
    });
  }
}

/** Runs a kernel that gives floats; they are stored in half where that is wanted. */
function narrowed(
  name: string,
  kernelFunc: tf.KernelFunc,
  call: Parameters<tf.KernelFunc>[0],
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

/** Whether the second tensor has the first one's shape, or one value a sample and channel. */
function combines(a: tf.TensorInfo, b: tf.TensorInfo): boolean {
  if (a.dtype !== "float32" || b.dtype !== "float32") return false;
  const [samples, , , channels] = a.shape;
  return tf.util.arraysEqual(a.shape, b.shape) ||
    b.shape.join() === [samples, 1, 1, channels].join();
}
