import * as tf from "@tensorflow/tfjs";

/** Kinds of adapters that kernels are written for: those that compute on the CPU, and GPUs. */
export const ADAPTER_KINDS = ["software", "gpu"] as const;

/** One of {@linkcode ADAPTER_KINDS}. */
export type AdapterKind = typeof ADAPTER_KINDS[number];

/**
 * Runs on the current WebGPU backend with the kernels for one kind of adapter, whatever the adapter is.
 *
 * @param kind whose kernels
 * @param run what to run
 * @returns what `run` returns
 */
export async function withAdapterKind<T>(kind: AdapterKind, run: () => Promise<T>): Promise<T> {
  const backend = tf.backend() as unknown as { readonly software: boolean };
  const own = backend.software;
  const set = (value: boolean) =>
    Object.defineProperty(backend, "software", { value, writable: true, configurable: true });
  set(kind === "software");
  try {
    return await run();
  } finally {
    set(own);
  }
}
