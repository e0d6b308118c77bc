import * as tf from "@tensorflow/tfjs";
import type { RegisteredOp } from "./registered_op.ts";

/** A kernel's registration with tfjs, extended by the op that it belongs to; tfjs keeps additional properties. */
export interface OpKernelConfig extends tf.KernelConfig {
  /** The op that describes this kernel's shapes and arithmetic. */
  readonly op?: RegisteredOp;
  /** Whether the kernel supports these inputs and attributes; otherwise the op is composed. */
  readonly accepts?: (inputs: object, attributes: object) => boolean;
}

/**
 * Looks up a kernel's registration.
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
 * Replaces tfjs's gradient of a kernel, on every backend.
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
 * Replaces a backend's kernel, or adds it where there is none. The old kernel's set-up still runs: a replacement may call the old
 * kernel.
 *
 * @param kernelName the kernel
 * @param backendName `"webgpu"`, `"wasm"` or `"cpu"`
 * @param kernelFunc the replacement
 * @param more further properties of the registration
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
