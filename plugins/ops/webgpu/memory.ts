import type * as tf from "@tensorflow/tfjs";

/**
 * @param backend knows what is stored in float16
 * @param tensor on it
 * @returns bytes per element: four for every type, booleans included, two for float16
 */
export function bytesPerElement(backend: WebGpuMemory, { dataId }: tf.TensorInfo): 2 | 4 {
  return backend.storesHalf(dataId) ? 2 : 4;
}

/** The part of tfjs's WebGPU backend that moves elements without binding a tensor to a kernel; type only. */
export interface WebGpuMemory {
  /** Largest tensor that a kernel can bind. */
  readonly maxTensorBytes: number;
  /** The device that all kernels run on. */
  readonly device: GPUDevice;
  /** Records of all tensors on the backend. */
  readonly tensorMap: {
    get(
      dataId: tf.DataId,
    ): { readonly resource?: unknown; readonly values?: ArrayLike<number> | null };
  };
  /** Whether a tensor's elements are float16. */
  storesHalf(dataId: tf.DataId): boolean;
  /** Makes a tensor of float16. */
  makeHalf(shape: readonly number[]): tf.TensorInfo;
  /** Makes a tensor. */
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: tf.TypedArray): tf.TensorInfo;
  /** Puts values that are in main memory into a buffer. */
  uploadToGPU(dataId: tf.DataId): void;
  /** Frees a tensor's buffer once nothing refers to it; returns whether it was freed. */
  disposeData(dataId: tf.DataId): boolean;
  /** Makes an encoder where there is none. */
  ensureCommandEncoderReady(): void;
  /** Ends the pass that kernels are recorded in. */
  endComputePassEncoder(): void;
  /** Submits the recorded commands to the device. */
  submitQueue(): void;
}

/**
 * Allocates a tensor on the device, of any size that the device supports.
 *
 * @param backend the current one
 * @param shape of the tensor
 * @param dtype of the tensor
 * @param half whether it is stored in float16
 * @returns the tensor; its elements are uninitialised
 */
export function allocate(
  backend: WebGpuMemory,
  shape: readonly number[],
  dtype: tf.DataType,
  half = false,
): tf.TensorInfo {
  const tensor = half ? backend.makeHalf(shape) : backend.makeTensorInfo([...shape], dtype);
  backend.uploadToGPU(tensor.dataId);
  return tensor;
}

/** A copy of elements from one tensor to another of the same storage type; float16 is copied in pairs (whole 32-bit words). */
export interface Copy {
  /** The tensor that is read. */
  readonly from: tf.TensorInfo;
  /** First element of `from`. */
  readonly fromElement: number;
  /** The tensor that is written. */
  readonly to: tf.TensorInfo;
  /** First element of `to`. */
  readonly toElement: number;
  /** Number of elements. */
  readonly count: number;
}

/**
 * Copies elements on the device, after all kernels called earlier.
 *
 * @param backend the current one
 * @param copy what to copy where
 */
export function copyElements(backend: WebGpuMemory, copy: Copy): void {
  const [from, to] = [copy.from, copy.to].map(({ dataId }) => {
    backend.uploadToGPU(dataId);
    return backend.tensorMap.get(dataId).resource as GPUBuffer;
  }) as [GPUBuffer, GPUBuffer];
  // What tfjs has recorded so far is submitted first: the copy reads and overwrites what those kernels write and read.
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  const encoder = backend.device.createCommandEncoder();
  const bytes = bytesPerElement(backend, copy.from);
  encoder.copyBufferToBuffer(
    from,
    copy.fromElement * bytes,
    to,
    copy.toElement * bytes,
    copy.count * bytes,
  );
  backend.device.queue.submit([encoder.finish()]);
}
