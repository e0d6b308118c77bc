import * as tf from "@tensorflow/tfjs";

type KernelCall = Parameters<tf.KernelFunc>[0];

/** A wrapper of a kernel call; must call `run` once and return its result. */
export type Around = (
  name: string,
  call: KernelCall,
  run: () => ReturnType<tf.KernelFunc>,
) => ReturnType<tf.KernelFunc>;

/**
 * Wraps every kernel of a backend, until disposed. A kernel that is called through the engine by another kernel is wrapped too;
 * one whose function is called directly is not.
 *
 * @param backendName whose currently registered kernels are wrapped
 * @param around the wrapper
 * @returns restores the kernels when disposed
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { wrapKernels } from "./wrap_kernels.ts";
 * await tf.setBackend("cpu");
 * const seen: string[] = [];
 * {
 *   using _ = wrapKernels("cpu", (name, _call, run) => (seen.push(name), run()));
 *   tf.tidy(() => tf.add(1, 2).dataSync());
 * }
 * tf.tidy(() => tf.mul(1, 2).dataSync());
 * assertEquals(seen, ["Add"]);
 * ```
 */
export function wrapKernels(backendName: string, around: Around): Disposable {
  const configs = [...tf.getKernelsForBackend(backendName)];
  const replace = (config: tf.KernelConfig) => {
    tf.unregisterKernel(config.kernelName, backendName);
    tf.registerKernel(config);
  };
  for (const config of configs) {
    const { kernelName, kernelFunc } = config;
    replace({
      ...config,
      kernelFunc: (call) => around(kernelName, call, () => kernelFunc(call)),
    });
  }
  return {
    [Symbol.dispose]: () => configs.forEach(replace),
  };
}
