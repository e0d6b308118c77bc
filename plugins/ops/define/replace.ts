import * as tf from "@tensorflow/tfjs";
import type { RegisteredOp } from "./registered_op.ts";

/** What tfjs keeps of a kernel, and which op it belongs to: tfjs keeps what it does not know, too. */
export interface OpKernelConfig extends tf.KernelConfig {
  /** What gives shapes and work of this kernel. */
  readonly op?: RegisteredOp;
  /** Whether the kernel takes these; an op composes its result where it does not. */
  readonly accepts?: (inputs: object, attributes: object) => boolean;
}

/**
 * Looks a kernel up.
 *
 * @param kernelName a kernel
 * @param backendName a backend
 * @returns what is registered, or undefined
 */
export function registeredKernel(
  kernelName: string,
  backendName: string,
): OpKernelConfig | undefined {
  return tf.getKernel(kernelName, backendName);
}

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
 * @param more what else is kept of it
 */
export function replaceKernel(
  kernelName: string,
  backendName: string,
  kernelFunc: tf.KernelFunc,
  more: Pick<OpKernelConfig, "op" | "accepts"> = {},
): void {
  const old = registeredKernel(kernelName, backendName);
  if (old !== undefined) tf.unregisterKernel(kernelName, backendName);
  const config: OpKernelConfig = { ...old, kernelName, backendName, kernelFunc, ...more };
  tf.registerKernel(config);
}
