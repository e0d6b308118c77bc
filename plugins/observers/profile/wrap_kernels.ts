import * as tf from "@tensorflow/tfjs";

type KernelCall = Parameters<tf.KernelFunc>[0];

/** What happens around a kernel; calls `run` once and gives its result. */
export type Around = (
  name: string,
  call: KernelCall,
  run: () => ReturnType<tf.KernelFunc>,
) => ReturnType<tf.KernelFunc>;

/**
 * Puts something around every kernel of a backend, until disposed. Kernels that call each other through the engine are seen each;
 * those that call another's function directly are seen as one.
 *
 * @param backendName its kernels are those registered now
 * @param around what happens
 * @returns puts the kernels back as they were
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
