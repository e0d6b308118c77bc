import type * as tf from "@tensorflow/tfjs";
import type { WebGpuProgram } from "seamstress/ops";

/** The part of tfjs's WebGPU backend that a device's clock needs; type only: core runs without the package. */
export interface TimedWebGpu {
  readonly device: GPUDevice;
  runWebGPUProgram: (...args: RunArguments) => tf.TensorInfo;
  uploadToGPU(dataId: tf.DataId): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  /** Private in tfjs, like the next member. */
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
}

type RunArguments = [program: WebGpuProgram, inputs: tf.TensorInfo[], ...others: unknown[]];

/** Maximum number of queries in a WebGPU query set; a program takes two. */
const QUERIES = 4096;
/** Bytes per timestamp; its unit is nanoseconds. */
const BYTES = 8;

/** Start and end of a program in milliseconds since the start of the first one, by the device's clock. */
export interface Interval {
  readonly begin: number;
  readonly end: number;
}

/** Times every program on a WebGPU device with timestamp queries, each in its own compute pass, until disposed. */
export class DeviceClock implements Disposable {
  readonly #backend: TimedWebGpu;
  readonly #sets: GPUQuerySet[] = [];
  #count = 0;

  /**
   * @param device any
   * @returns whether it supports timestamp queries
   */
  static available(device: GPUDevice): boolean {
    return device.features.has("timestamp-query");
  }

  /**
   * @param backend its `runWebGPUProgram` is replaced on this object
   * @param onProgram called once per program, in the order of {@linkcode intervals}
   */
  constructor(backend: TimedWebGpu, onProgram: (shader: string) => void) {
    this.#backend = backend;
    const run = backend.runWebGPUProgram;
    backend.runWebGPUProgram = (...args) => {
      const [program, inputs] = args;
      const { shaderKey } = program;
      // Uploads first, because an upload would end the compute pass before the program is in it.
      for (const { dataId } of inputs) backend.uploadToGPU(dataId);
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      const timestampWrites = this.#writes();
      backend.computePassEncoder = backend.commandEncoder!.beginComputePass({ timestampWrites });
      try {
        return run.apply(backend, args);
      } finally {
        backend.endComputePassEncoder();
        onProgram(shaderKey === "" ? program.constructor.name : shaderKey);
      }
    };
  }

  #writes(): GPUComputePassTimestampWrites {
    const query = 2 * this.#count++ % QUERIES;
    if (query === 0) {
      this.#sets.push(this.#backend.device.createQuerySet({ type: "timestamp", count: QUERIES }));
    }
    return {
      querySet: this.#sets.at(-1)!,
      beginningOfPassWriteIndex: query,
      endOfPassWriteIndex: query + 1,
    };
  }

  /**
   * Waits for the device.
   *
   * @returns when each program ran, in the order they were called
   */
  async intervals(): Promise<Interval[]> {
    const { device } = this.#backend;
    // tfjs may hold programs that it has not submitted yet.
    this.#backend.ensureCommandEncoderReady();
    this.#backend.endComputePassEncoder();
    this.#backend.submitQueue();
    const found: Interval[] = [];
    let origin: bigint | undefined;
    for (const [i, set] of this.#sets.entries()) {
      const queries = Math.min(2 * this.#count - i * QUERIES, QUERIES);
      const size = queries * BYTES;
      const usage = GPUBufferUsage;
      const resolved = device.createBuffer({
        size,
        usage: usage.QUERY_RESOLVE | usage.COPY_SRC,
      });
      const readable = device.createBuffer({ size, usage: usage.MAP_READ | usage.COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.resolveQuerySet(set, 0, queries, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
      device.queue.submit([encoder.finish()]);
      await readable.mapAsync(GPUMapMode.READ);
      const times = new BigUint64Array(readable.getMappedRange());
      origin ??= times[0]!;
      // Subtracted as bigint: nanoseconds since boot may exceed the integers that a number represents exactly.
      const milliseconds = (query: number) => Number(times[query]! - origin!) / 1e6;
      for (let query = 0; query < queries; query += 2) {
        const begin = milliseconds(query);
        // Some drivers round the two differently.
        found.push({ begin, end: Math.max(begin, milliseconds(query + 1)) });
      }
      readable.destroy();
      resolved.destroy();
    }
    return found;
  }

  /** Restores the backend's own method. */
  [Symbol.dispose](): void {
    // The replacement hides the prototype's method.
    Reflect.deleteProperty(this.#backend, "runWebGPUProgram");
    for (const set of this.#sets) set.destroy();
  }
}
