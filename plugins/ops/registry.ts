import * as tf from "@tensorflow/tfjs";

/**
 * Puts a gradient in the place of tfjs's own, for every backend.
 *
 * @param kernelName the forward kernel
 * @param config what to save and how to differentiate
 */
export function replaceGradient(
  kernelName: string,
  config: Omit<tf.GradConfig, "kernelName">,
): void {
  if (tf.getGradient(kernelName) !== undefined) tf.unregisterGradient(kernelName);
  tf.registerGradient({ kernelName, ...config });
}

/**
 * Puts a kernel in the place of one backend's own, or adds it where there is none. The old kernel's set-up still runs: a
 * replacement may call the old kernel.
 *
 * @param kernelName the kernel
 * @param backendName `"webgpu"`, `"wasm"` or `"cpu"`
 * @param kernelFunc the replacement
 */
export function replaceKernel(
  kernelName: string,
  backendName: string,
  kernelFunc: tf.KernelFunc,
): void {
  const old: tf.KernelConfig | undefined = tf.getKernel(kernelName, backendName);
  if (old !== undefined) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...old, kernelName, backendName, kernelFunc });
}
