import * as tf from "@tensorflow/tfjs";

/** What tfjs computes with on a backend. */
export interface Registered {
  readonly kernels: readonly tf.KernelConfig[];
  /** Those that implementations differ in; they hold on every backend. */
  readonly gradients: readonly tf.GradConfig[];
}

/**
 * Takes down what is registered.
 *
 * @param backend tfjs's name of it
 * @param gradients those that are exchanged, by the kernel that they belong to
 * @returns all kernels, and these gradients
 */
export function registered(backend: string, gradients: readonly string[] = []): Registered {
  return {
    kernels: tf.getKernelsForBackend(backend),
    gradients: gradients.map((name) => tf.getGradient(name)),
  };
}

/**
 * Makes tfjs compute with these kernels and no others from now on.
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
