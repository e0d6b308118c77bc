import * as tf from "@tensorflow/tfjs";
import { type Sample, sample } from "./sample.ts";

/** Most memory that something took. */
export interface Peak {
  /** `tf.memory().numBytes`, parameters among them; tensors that share their elements count each. */
  readonly tensorBytes: number;
  /** On WebGPU, buffers in use. */
  readonly gpuBytesInUse?: number;
  /** What the backend holds: the wasm heap, which only grows; or GPU buffers, the free ones of tfjs's pool among them. */
  readonly backendBytes: number;
  /** Resident memory of the process; on a software adapter GPU buffers count. */
  readonly residentBytes: number;
}

/** Internals of tfjs's backends that tell what they hold. */
interface Holding {
  readonly wasm?: { readonly HEAPU8: Uint8Array };
  readonly bufferManager?: BufferManager;
}

/** What tfjs's WebGPU backend takes its buffers from: `tf.memory()` counts tensors that share a buffer once each. */
interface BufferManager {
  readonly numBytesUsed: number;
  readonly numBytesAllocated: number;
  acquireBuffer(...args: unknown[]): unknown;
}

/**
 * Watches the buffers of tfjs's WebGPU backend while something runs.
 *
 * @param run waits for the device before it returns
 * @returns most bytes in use at a time, those before, and most that were held with the free ones; undefined on another backend
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

/** What running something took. */
export interface Cost {
  readonly seconds: number;
  /** Of all threads; on a machine that does other work at the same time they say more than the clock. */
  readonly cpuSeconds: number;
  readonly peak: Peak;
}

/** Measures peaks; one a process. */
export class PeakMeter implements Disposable {
  readonly #worker = new Worker(new URL("./rss_worker.ts", import.meta.url), { type: "module" });

  /**
   * Runs something.
   *
   * @param run waits for the device before it returns
   * @returns its result and what it took
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
