import { oneAtATime, type Scores } from "seamstress";
import { type BufferCount, DeviceBuffers } from "./device_buffers.ts";
import type { GatheredKernel } from "./gathered_kernel.ts";
import { checkFits } from "./needs.ts";
import { Recorder, type Recording } from "./recording.ts";
import { Steps } from "./steps.ts";

/** A device and its adapter's name. */
export interface NamedDevice {
  readonly device: GPUDevice;
  readonly name: string;
}

/**
 * Mean-field inference in a fully connected CRF on a GPU: what `MeanField` computes, in the same order but for the sums over a
 * vertex' pixels. Deterministic on one device: nothing is added up atomically. Keeps its buffers for the next image.
 */
export class WebGpuMeanField {
  readonly name: string;
  readonly #device: GPUDevice;
  readonly #buffers: DeviceBuffers;
  #problem: string | undefined;
  #lost: string | undefined;
  #recorder: Recorder | undefined;
  readonly #inTurn = oneAtATime();
  #closed = false;

  /** @param on the device, which becomes its own, and its adapter's name */
  constructor({ device, name }: NamedDevice) {
    this.name = name;
    this.#device = device;
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    this.#buffers = new DeviceBuffers(
      device,
      Math.min(maxStorageBufferBindingSize, maxBufferSize),
    );
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#problem ??= (event as GPUUncapturedErrorEvent).error.message;
    });
    device.lost.then(({ reason, message }) => {
      this.#lost = `it was lost (${message === "" ? reason : message})`;
    });
  }

  /** What it holds on the device. */
  get memory(): BufferCount {
    return this.#buffers.memory;
  }

  /**
   * Infers the labels of one image; calls wait for each other.
   *
   * @param scores probabilities of the labels, `[C,H,W]`; a pixel's need not sum to 1
   * @param kernels pairwise terms over the same pixels, at least one where there are iterations
   * @param iterations >= 0
   * @returns q, `[C,H,W]`, sums to 1 for every pixel
   * @throws {RangeError} a user error, where a buffer is larger than the device can bind
   * @throws {Error} where the device reports an error or is lost, or `close` was called
   */
  infer(scores: Scores, kernels: readonly GatheredKernel[], iterations: number): Promise<Scores> {
    return this.#inTurn(() => this.#infer(scores, kernels, iterations));
  }

  /** Frees all buffers and the device. Images that are not inferred yet are rejected, as are later ones. */
  close(): void {
    this.#closed = true;
    this.#buffers.clear();
    this.#device.destroy();
  }

  async #infer(
    scores: Scores,
    kernels: readonly GatheredKernel[],
    iterations: number,
  ): Promise<Scores> {
    this.#check();
    checkFits(scores, kernels, this.#buffers.most, `webgpu (${this.name})`);
    const { width, height, channels, data } = scores;
    const bytes = data.byteLength;
    const result = await this.#watched(() => {
      // Compiled here for the device's errors to be seen.
      const recorder = this.#recorder ??= new Recorder(new Steps(this.#device), this.#buffers);
      return this.#submit(recorder.steps, recorder.record(scores, kernels), iterations, bytes);
    });
    const mapped = result.mapAsync(GPUMapMode.READ, 0, bytes);
    await Promise.race([mapped.catch((error: Error) => this.#fail(error)), this.#device.lost]);
    this.#check();
    const q = new Float32Array(result.getMappedRange(0, bytes).slice(0));
    result.unmap();
    return { width, height, channels, data: q };
  }

  /** Runs what talks to the device; the device only notes what goes wrong. */
  async #watched<T>(work: () => T): Promise<T> {
    const scopes = ["out-of-memory", "internal", "validation"] as const;
    for (const scope of scopes) this.#device.pushErrorScope(scope);
    let errors: Promise<(GPUError | null)[]>;
    let result: T;
    try {
      result = work();
    } finally {
      // Asked for before anything is awaited: the scopes are the device's, not this call's.
      errors = Promise.all(scopes.map(() => this.#device.popErrorScope()));
    }
    // The outermost says most: where memory is missing the validation only sees that a buffer is invalid.
    const error = (await errors).findLast((each) => each !== null);
    if (!error) return result;
    // What could not be made must not be taken for a buffer.
    this.#buffers.clear();
    return await this.#fail(error);
  }

  #check(): void {
    if (this.#closed) throw new Error("The dense CRF was closed");
    const problem = this.#lost ?? this.#problem;
    if (problem !== undefined) throw this.#failure(problem);
  }

  async #fail(error: { readonly message: string }): Promise<never> {
    // The news that a device was lost come later than the errors that follow from it.
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#check();
    throw this.#failure(error.message);
  }

  #failure(problem: string): Error {
    return new Error(
      `The dense CRF failed on the WebGPU device ${this.name}: ${problem}; "device: cpu" does without it`,
    );
  }

  #submit(
    steps: Steps,
    { begin, iteration, end, planes, zeros }: Recording,
    iterations: number,
    bytes: number,
  ): GPUBuffer {
    const { queue } = this.#device;
    // A command buffer an iteration: one of all would look hung to the drivers that stop what takes seconds.
    const run = (record: (encoder: GPUCommandEncoder) => void) => {
      const encoder = this.#device.createCommandEncoder();
      record(encoder);
      queue.submit([encoder.finish()]);
    };
    run((encoder) => {
      for (const row of zeros) encoder.clearBuffer(...row);
      steps.record(encoder, begin);
    });
    for (let i = 0; i < iterations; i++) run((encoder) => steps.record(encoder, iteration));
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const result = this.#buffers.get("result", bytes, usage);
    run((encoder) => {
      steps.record(encoder, end);
      encoder.copyBufferToBuffer(planes, 0, result, 0, bytes);
    });
    return result;
  }
}
