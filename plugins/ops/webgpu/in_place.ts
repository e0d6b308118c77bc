import * as tf from "@tensorflow/tfjs";
import { allocate, copyElements, type WebGpuMemory } from "./memory.ts";

/** What tfjs's WebGPU backend keeps of a tensor; private to it but for this one place, which moves it. */
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
 * Makes a tensor that a kernel may overwrite: with the buffer of another one, which is left without, where nobody else uses that;
 * otherwise with a copy. It is a tensor of its own because tfjs remembers what was read of one: with the old one's name, the next
 * read would give the old values.
 *
 * @param backend the current one
 * @param tensor disposed, unread, by the caller
 * @param shared true where it must stay as it is
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
