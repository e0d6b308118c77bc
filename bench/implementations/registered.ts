import * as tf from "@tensorflow/tfjs";

/** Kernels and gradients that are registered in tfjs for a backend. */
export interface Registered {
  readonly kernels: readonly tf.KernelConfig[];
  /** Gradients in which implementations differ; in tfjs they apply to every backend. */
  readonly gradients: readonly tf.GradConfig[];
}

/**
 * Reads what is registered.
 *
 * @param backend tfjs's name of it
 * @param gradients kernel names of the gradients that are exchanged
 * @returns all kernels, and these gradients
 */
export function registered(backend: string, gradients: readonly string[] = []): Registered {
  return {
    kernels: tf.getKernelsForBackend(backend),
    gradients: gradients.map((name) => tf.getGradient(name)),
  };
}

/**
 * Replaces all registered kernels and the given gradients.
 *
 * @param backend tfjs's name of it
 * @param set kernels and gradients
 */
export function register(backend: string, set: Registered): void {
  for (const { kernelName } of tf.getKernelsForBackend(backend)) {
    tf.unregisterKernel(kernelName, backend);
  }
  set.kernels.forEach((kernel) => tf.registerKernel(kernel));
  for (const gradient of set.gradients) {
    tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
}
