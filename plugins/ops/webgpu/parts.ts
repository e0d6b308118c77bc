import type * as tf from "@tensorflow/tfjs";
import type { WebGpuBackend } from "./backend.ts";
import { narrow, widen } from "./half.wgsl.ts";
import { allocate, bytesPerElement, copyElements } from "./memory.ts";

type KernelCall = Parameters<tf.KernelFunc>[0];

/**
 * The backend of a call.
 *
 * @param call of a kernel that is registered for webgpu
 * @returns tfjs's WebGPU backend
 */
export const webgpuOf = (call: KernelCall): WebGpuBackend => call.backend as WebGpuBackend;

/** Elements that a kernel can bind as one float32 tensor; of float16 it could bind twice as many. */
export function limitOf(backend: WebGpuBackend): number {
  return Math.floor(backend.maxTensorBytes / 4);
}

/** Number of elements. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Copies a range of elements out of a tensor. */
export function cut(
  backend: WebGpuBackend,
  from: tf.TensorInfo,
  fromElement: number,
  shape: readonly number[],
): tf.TensorInfo {
  const part = allocate(backend, shape, from.dtype, bytesPerElement(backend, from) === 2);
  copyElements(backend, {
    from,
    fromElement,
    to: part,
    toElement: 0,
    count: elements(shape),
  });
  return part;
}

/**
 * Runs a kernel on parts of its inputs and copies its result into a part of the output.
 *
 * @param kernelFunc the kernel
 * @param call as the kernel was called
 * @param parts replace the inputs of these names; freed
 * @param out the output; freed where the kernel fails
 * @param toElement where the part of it begins
 */
export function runPart(
  kernelFunc: tf.KernelFunc,
  call: KernelCall,
  parts: Readonly<Record<string, tf.TensorInfo>>,
  out: tf.TensorInfo,
  toElement: number,
): void {
  const memory = webgpuOf(call);
  const done = Object.values(parts);
  try {
    const given = kernelFunc({ ...call, inputs: { ...call.inputs, ...parts } }) as tf.TensorInfo;
    const from = storedAs(memory, out, given);
    done.push(from);
    const count = elements(from.shape);
    copyElements(memory, { from, fromElement: 0, to: out, toElement, count });
  } catch (error) {
    done.push(out);
    throw error;
  } finally {
    for (const { dataId } of done) memory.disposeData(dataId);
  }
}

/** Converts a tensor to the storage (float32 or half) of another; frees the given one where it had to be converted. */
function storedAs(
  memory: WebGpuBackend,
  { dataId }: tf.TensorInfo,
  given: tf.TensorInfo,
): tf.TensorInfo {
  const half = memory.storesHalf(dataId);
  if (memory.storesHalf(given.dataId) === half) return given;
  const converted = (half ? narrow : widen)(memory, given);
  memory.disposeData(given.dataId);
  return converted;
}
