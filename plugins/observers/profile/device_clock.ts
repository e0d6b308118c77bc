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
  /** Private to tfjs, as the next is. */
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
}

type RunArguments = [program: WebGpuProgram, inputs: tf.TensorInfo[], ...others: unknown[]];

/** Queries that WebGPU allows in one set; two a program. */
const QUERIES = 4096;
/** Bytes of a timestamp, in nanoseconds. */
const BYTES = 8;

/** When a program began and ended, in milliseconds since the first one began, by the device's clock. */
export interface Interval {
  readonly begin: number;
  readonly end: number;
}

/** Times every program on a WebGPU device, each in a pass of its own, by timestamps of the device; until disposed. */
export class DeviceClock implements Disposable {
  readonly #backend: TimedWebGpu;
  readonly #sets: GPUQuerySet[] = [];
  #count = 0;

  /**
   * @param device any
   * @returns whether it has timestamps
   */
  static available(device: GPUDevice): boolean {
    return device.features.has("timestamp-query");
  }

  /**
   * @param backend its `runWebGPUProgram` is replaced on this object
   * @param onProgram called once a program, in the order of {@linkcode intervals}
   */
  constructor(backend: TimedWebGpu, onProgram: (shader: string) => void) {
    this.#backend = backend;
    const run = backend.runWebGPUProgram;
    backend.runWebGPUProgram = (...args) => {
      const [program, inputs] = args;
      const { shaderKey } = program;
      // An upload would end the pass before the program is in it.
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
      // Nanoseconds since the machine's start may be more than a number holds exactly.
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

  /** Lets programs run as before. */
  [Symbol.dispose](): void {
    // The replacement hides the prototype's method.
    Reflect.deleteProperty(this.#backend, "runWebGPUProgram");
    for (const set of this.#sets) set.destroy();
  }
}
