import type * as tf from "@tensorflow/tfjs";
import type { Op } from "./op.ts";
/** How a backend stores activations: `f16` keeps half the bytes; sums are float32 either way. */
export type Precision = "f32" | "f16";
/** Memory of a device, in bytes, as far as it is known. */
export interface Memory {
  /** What tensors may take. */
  readonly bytes: number;
  /** Where the number comes from, for people: `a quarter of its 4 GiB heap is left for scratch memory`. */
  readonly from: string;
  /** Whether buffers that are kept for reuse count, or are freed when memory gets short. */
  readonly counts: "used" | "allocated";
}

/** What a prepared tfjs backend is and can do. */
export interface BackendInfo {
  /** The tfjs backend that is now set. */
  readonly name: "webgpu" | "wasm" | "cpu";
  /** Human name of what computes, for manifests: an adapter's description or "wasm SIMD, 1 thread". */
  readonly device: string;
  /** True where the adapter is a software one (lavapipe, SwiftShader). */
  readonly software: boolean;
  /** Largest tensor in bytes that the backend can bind, or `Infinity`. */
  readonly maxTensorBytes: number;
  /** How activations are stored; `f16` needs a loss scale. `f32` where left out. */
  readonly precision?: Precision;
  /** What a training that chooses its micro-batch may hold; absent where only the machine's memory is the bound. */
  readonly memory?: Memory;
  /** Throws when the device reported an error or was lost since the last call; waits for work in flight. */
  check(): Promise<void>;
  /** Views a float32 tensor's numbers until a tensor is made, which copies what it is made of; only where the host's memory has them. */
  view?(tensor: tf.Tensor): Float32Array;
  /** Frees pooled memory that no tensor uses. */
  purge(): void;
}

/** Contract of kind `backend`. */
export interface Backend {
  /** Whether this machine has it, and why not. */
  available(): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;
  /**
   * Makes it tfjs's current backend with every known fault of it put right. Throws where it is absent.
   *
   * @param ops operations that it is to have kernels of
   */
  prepare(ops: readonly Op[]): Promise<BackendInfo>;
}
