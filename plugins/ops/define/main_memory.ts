import * as tf from "@tensorflow/tfjs";

/**
 * Reads a tensor that lies in main memory, as on cpu and wasm.
 *
 * @param backend the tensor's
 * @param tensor float32
 * @returns its elements
 */
export function floatsOf(backend: tf.KernelBackend, { dataId }: tf.TensorInfo): Float32Array {
  return backend.readSync(dataId) as Float32Array;
}

/**
 * Makes the result of a kernel from numbers.
 *
 * @param values its elements
 * @param shape its shape
 * @returns a tensor on the current backend
 */
export function tensorOf(values: Float32Array, shape: readonly number[]): tf.TensorInfo {
  return tf.tensor(values, [...shape]);
}
