import * as tf from "@tensorflow/tfjs";
import { type Sample, sample } from "./sample.ts";

/** Peak memory of a computation. */
export interface Peak {
  /** `tf.memory().numBytes`, parameters among them; tensors that share data are counted once each. */
  readonly tensorBytes: number;
  /** On WebGPU, buffers in use. */
  readonly gpuBytesInUse?: number;
  /** Bytes that the backend holds: the wasm heap, which never shrinks; or GPU buffers, including free ones in tfjs's pool. */
  readonly backendBytes: number;
  /** Resident memory of the process; on a software adapter this includes GPU buffers. */
  readonly residentBytes: number;
}

/** Internals of tfjs's backends that give their memory. */
interface Holding {
  readonly wasm?: { readonly HEAPU8: Uint8Array };
  readonly bufferManager?: BufferManager;
}

/** Buffer pool of tfjs's WebGPU backend: `tf.memory()` counts tensors that share a buffer once each. */
interface BufferManager {
  readonly numBytesUsed: number;
  readonly numBytesAllocated: number;
  acquireBuffer(...args: unknown[]): unknown;
}

/**
 * Tracks the buffers of tfjs's WebGPU backend while a function runs.
 *
 * @param run waits for the device before it returns
 * @returns peak bytes in use, bytes in use before, and peak bytes including free buffers; undefined on another backend
 */
export async function bufferPeak(
  run: () => unknown,
): Promise<
  { readonly before: number; readonly used: number; readonly allocated: number } | undefined
> {
  const { bufferManager } = tf.backend() as unknown as Holding;
  if (bufferManager === undefined) {
    await run();
    return undefined;
  }
  const acquire = bufferManager.acquireBuffer;
  const before = bufferManager.numBytesUsed;
  let used = before, allocated = bufferManager.numBytesAllocated;
  bufferManager.acquireBuffer = (...args) => {
    const buffer = acquire.apply(bufferManager, args);
    used = Math.max(used, bufferManager.numBytesUsed);
    allocated = Math.max(allocated, bufferManager.numBytesAllocated);
    return buffer;
  };
  try {
    await run();
  } finally {
    bufferManager.acquireBuffer = acquire;
  }
  return { before, used, allocated };
}

/** Time and peak memory of a function. */
export interface Cost {
  readonly seconds: number;
  /** CPU time of all threads, which on a busy machine is more reliable than wall-clock time. */
  readonly cpuSeconds: number;
  readonly peak: Peak;
}

/** Measures peak memory; one instance per process. */
export class PeakMeter implements Disposable {
  readonly #worker = new Worker(new URL("./rss_worker.ts", import.meta.url), { type: "module" });

  /**
   * Runs and measures a function.
   *
   * @param run waits for the device before it returns
   * @returns its result, time and peak memory
   */
  async measure<T>(run: () => Promise<T>): Promise<Cost & { readonly result: T }> {
    await this.#residentPeak();
    let result: T | undefined, peakBytes = 0, taken: Sample | undefined;
    const profiled = async () => {
      ({ peakBytes } = await tf.profile(async () => {
        result = await run();
        return [];
      }));
    };
    const buffers = await bufferPeak(async () => taken = await sample({ run: profiled }));
    const { wasm } = tf.backend() as unknown as Holding;
    const peak = {
      tensorBytes: peakBytes,
      ...buffers && { gpuBytesInUse: buffers.used },
      backendBytes: wasm?.HEAPU8.length ?? buffers?.allocated ?? 0,
      residentBytes: await this.#residentPeak(),
    };
    const { wall, processor } = taken!;
    return {
      result: result as T,
      ...{ seconds: tenths(wall / 1e3), cpuSeconds: tenths(processor / 1e3), peak },
    };
  }

  /** Peak since the last call. */
  #residentPeak(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
    this.#worker.postMessage("");
    return promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
