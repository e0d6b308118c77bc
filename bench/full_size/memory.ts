import process from "node:process";
import * as tf from "@tensorflow/tfjs";

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
  readonly bufferManager?: {
    numBytesUsed: number;
    numBytesAllocated: number;
    acquireBuffer(...args: unknown[]): unknown;
  };
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
  #gpu = { used: 0, allocated: 0 };

  /** Watches the current backend from now on. */
  constructor() {
    const { bufferManager } = tf.backend() as unknown as Holding;
    if (bufferManager === undefined) return;
    const acquire = bufferManager.acquireBuffer.bind(bufferManager);
    bufferManager.acquireBuffer = (...args) => {
      const buffer = acquire(...args);
      this.#gpu = {
        used: Math.max(this.#gpu.used, bufferManager.numBytesUsed),
        allocated: Math.max(this.#gpu.allocated, bufferManager.numBytesAllocated),
      };
      return buffer;
    };
  }

  /**
   * Runs something.
   *
   * @param run waits for the device before it returns
   * @returns its result and what it took
   */
  async measure<T>(run: () => Promise<T>): Promise<Cost & { readonly result: T }> {
    await this.#residentPeak();
    this.#gpu = { used: 0, allocated: 0 };
    let result: T | undefined;
    const began = performance.now(), usage = process.cpuUsage();
    const { peakBytes } = await tf.profile(async () => {
      result = await run();
      return [];
    });
    const seconds = tenths((performance.now() - began) / 1e3);
    const { user, system } = process.cpuUsage(usage);
    const cpuSeconds = tenths((user + system) / 1e6);
    const { wasm } = tf.backend() as unknown as Holding;
    const peak = {
      tensorBytes: peakBytes,
      ...wasm === undefined && { gpuBytesInUse: this.#gpu.used },
      backendBytes: wasm?.HEAPU8.length ?? this.#gpu.allocated,
      residentBytes: await this.#residentPeak(),
    };
    return { result: result as T, seconds, cpuSeconds, peak };
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
