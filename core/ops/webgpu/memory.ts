import type * as tf from "@tensorflow/tfjs";

/** Every tensor on WebGPU takes four bytes an element, booleans too. */
export const BYTES_PER_ELEMENT = 4;

/** The part of tfjs's WebGPU backend that moves elements without binding a tensor to a kernel; type only. */
export interface WebGpuMemory {
  /** Largest tensor that a kernel can bind. */
  readonly maxTensorBytes: number;
  readonly device: GPUDevice;
  readonly tensorMap: { get(dataId: tf.DataId): { readonly resource?: unknown } };
  makeTensorInfo(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  uploadToGPU(dataId: tf.DataId): void;
  disposeData(dataId: tf.DataId): boolean;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/**
 * Makes a tensor on the device, of any size that the device can allocate.
 *
 * @param backend the current one
 * @param shape of the tensor
 * @param dtype of the tensor
 * @returns the tensor; its elements are whatever the memory held
 */
export function allocate(
  backend: WebGpuMemory,
  shape: readonly number[],
  dtype: tf.DataType,
): tf.TensorInfo {
  const tensor = backend.makeTensorInfo([...shape], dtype);
  backend.uploadToGPU(tensor.dataId);
  return tensor;
}

/** Elements of one tensor that become elements of another. */
export interface Copy {
  readonly from: tf.TensorInfo;
  /** First element of `from`. */
  readonly fromElement: number;
  readonly to: tf.TensorInfo;
  /** First element of `to`. */
  readonly toElement: number;
  readonly count: number;
}

/**
 * Copies elements on the device, after all kernels that were called before.
 *
 * @param backend the current one
 * @param copy what to copy where
 */
export function copyElements(backend: WebGpuMemory, copy: Copy): void {
  const [from, to] = [copy.from, copy.to].map(({ dataId }) => {
    backend.uploadToGPU(dataId);
    return backend.tensorMap.get(dataId).resource as GPUBuffer;
  }) as [GPUBuffer, GPUBuffer];
  // What tfjs has recorded so far goes to the queue first: the copy reads and overwrites what those kernels write and read.
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  const encoder = backend.device.createCommandEncoder();
  encoder.copyBufferToBuffer(
    from,
    copy.fromElement * BYTES_PER_ELEMENT,
    to,
    copy.toElement * BYTES_PER_ELEMENT,
    copy.count * BYTES_PER_ELEMENT,
  );
  backend.device.queue.submit([encoder.finish()]);
}
