import * as tf from "@tensorflow/tfjs";

/**
 * Computes with 64-bit floats on tfjs's cpu backend: kernels of the cpu backend calculate with JavaScript's numbers, which have 64 bits,
 * and round where they store a result in a new `Float32Array`. For as long as `compute` runs, that name stands for `Float64Array`, so
 * that nothing is rounded. A kernel that keeps the 32-bit type by another way still rounds; {@linkcode checkGradient} finds that.
 *
 * @param compute runs at once, on backend `cpu`; tensors that it makes must not be used outside
 * @returns what it gives
 * @throws {Error} where another backend is set, or where `compute` gives a promise
 */
export function inFloat64<T>(compute: () => T): T {
  if (tf.getBackend() !== "cpu") {
    throw new Error(`Cannot compute in float64 on backend ${tf.getBackend()}: cpu alone can`);
  }
  const platform = tf.env().platform;
  const { Float32Array } = globalThis;
  const isTypedArray = platform.isTypedArray;
  // What storage tfjs takes for its own: the 64-bit one among it.
  platform.isTypedArray = ((value: unknown) =>
    value instanceof Float64Array ||
    isTypedArray.call(platform, value as never)) as typeof isTypedArray;
  Reflect.set(globalThis, "Float32Array", Float64Array);
  try {
    const result = compute();
    if (result instanceof Promise) {
      throw new Error("Cannot compute in float64 what is awaited: it would go on in float32");
    }
    return result;
  } finally {
    Reflect.set(globalThis, "Float32Array", Float32Array);
    platform.isTypedArray = isTypedArray;
  }
}
