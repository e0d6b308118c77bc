import * as tf from "@tensorflow/tfjs";
import { allocate, copyElements, type WebGpuMemory } from "./memory.ts";

/**
 * tfjs's private record of a tensor in its WebGPU backend; only this file accesses it, to move a buffer from one tensor to another.
 */
interface TensorData {
  resource?: unknown;
  readonly external?: boolean;
}

/** The part of tfjs's WebGPU backend that says who uses a buffer; type only. */
export interface WebGpuOwners extends WebGpuMemory {
  /** How many tensors share a buffer. */
  refCount(dataId: tf.DataId): number;
}

/**
 * Makes a tensor that a kernel may overwrite. It takes over the buffer of the given tensor where no other tensor shares it, and
 * gets a copy otherwise. It is a new tensor because tfjs caches the values read from a tensor: under the old id, the next read
 * would return the old values.
 *
 * @param backend the current one
 * @param tensor disposed, unread, by the caller
 * @param shared whether its values must be kept
 * @returns the tensor
 */
export function reuseOrCopy(
  backend: WebGpuOwners,
  { dataId, shape, dtype }: tf.TensorInfo,
  shared: boolean,
): tf.TensorInfo {
  backend.uploadToGPU(dataId);
  const old = backend.tensorMap.get(dataId) as TensorData;
  if (shared || backend.refCount(dataId) > 1 || old.external) {
    const copy = allocate(backend, shape, dtype);
    const count = tf.util.sizeFromShape(shape);
    copyElements(backend, {
      from: { dataId, shape, dtype },
      fromElement: 0,
      to: copy,
      toElement: 0,
      count,
    });
    return copy;
  }
  const reused = backend.makeTensorInfo(shape, dtype);
  (backend.tensorMap.get(reused.dataId) as TensorData).resource = old.resource;
  old.resource = null;
  return reused;
}
