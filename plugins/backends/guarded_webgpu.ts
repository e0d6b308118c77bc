import type * as tf from "@tensorflow/tfjs";
import { WebGPUBackend, type WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";

type Arguments = Parameters<WebGPUBackend["runWebGPUProgram"]>;

/**
 * tfjs's WebGPU backend, with errors that stop. tfjs hears of a device's errors from nobody: a tensor above the storage-binding
 * limit makes every kernel that touches it do nothing, and its results are all zeros. To see it on lavapipe (limit 128 MiB):
 * `tf.ones([36e6]).add(1)`.
 */
export class GuardedWebGPUBackend extends WebGPUBackend {
  /** Whether the adapter computes on the CPU: what is fast there is not on a GPU. */
  readonly software: boolean;
  readonly #errors: string[] = [];
  #lost: string | undefined;

  /**
   * @param device owned by this backend
   * @param info of its adapter
   * @param software whether the adapter computes on the CPU
   */
  constructor(device: GPUDevice, info: GPUAdapterInfo, software: boolean) {
    super(device, info);
    this.software = software;
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#errors.push((event as GPUUncapturedErrorEvent).error.message);
    });
    device.lost.then(({ reason, message }) => {
      this.#lost = message === "" ? reason : `${reason}: ${message}`;
    });
  }

  /** Why the device was lost, or undefined while it works. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** Largest tensor that a kernel can bind, in bytes. */
  get maxTensorBytes(): number {
    return Math.min(
      this.device.limits.maxStorageBufferBindingSize,
      this.device.limits.maxBufferSize,
    );
  }

  /** Checks every tensor before a kernel runs: the device would only skip it. */
  override runWebGPUProgram(...args: Arguments): tf.TensorInfo {
    const [program, inputs, outputType] = args;
    for (const input of inputs) this.#checkSize(program, "input", input.shape, input.dtype);
    this.#checkSize(program, "output", program.outputShape, outputType);
    return super.runWebGPUProgram(...args);
  }

  #checkSize(
    program: WebGPUProgram,
    role: "input" | "output",
    shape: readonly number[],
    type: tf.DataType,
  ): void {
    const bytes = shape.reduce((product, size) => product * size, type === "complex64" ? 8 : 4);
    if (bytes <= this.maxTensorBytes) return;
    throw new RangeError(
      `Cannot run kernel ${program.shaderKey} on webgpu: its ${role} of shape [${
        shape.join(",")
      }] takes ${bytes} bytes, this device binds at most ${this.maxTensorBytes}; use a smaller micro-batch or image`,
    );
  }

  /** Reads a tensor; throws rather than give the zeros that a failed kernel left. */
  override async read(dataId: object): ReturnType<WebGPUBackend["read"]> {
    const values = await super.read(dataId);
    const problem = this.#problem();
    if (problem !== undefined) throw new Error(problem);
    return values;
  }

  /**
   * Waits for all work in flight.
   *
   * @throws Error where the device was lost, or reported an error since the last call
   */
  async check(): Promise<void> {
    if (this.#lost === undefined) {
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      this.submitQueue();
      await Promise.race([this.queue.onSubmittedWorkDone(), this.device.lost]);
      // Errors arrive as events, in a later turn of the event loop than the promise above.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const problem = this.#problem();
    this.#errors.length = 0;
    if (problem !== undefined) throw new Error(problem);
  }

  /** What went wrong since the last check, or undefined. */
  #problem(): string | undefined {
    if (this.#lost !== undefined) {
      return `The WebGPU device was lost (${this.#lost}): results since the last check are void`;
    }
    const [first, ...others] = this.#errors;
    if (first === undefined) return undefined;
    const more = others.length > 0 ? ` (and ${others.length} more)` : "";
    return `The WebGPU device reported an error, results since the last check are void: ${first}${more}`;
  }

  /**
   * Frees the buffers that no tensor uses. tfjs pools them by exact size and never lets go, so memory grows with every new image
   * size. To see it: `tf.memory().numBytesAllocatedInGPU` while adding tensors of ever new sizes.
   */
  purge(): void {
    // What the pool holds is private to tfjs; this is the one place that reaches in.
    const pool = this.bufferManager as unknown as {
      freeBuffers: Map<string, GPUBuffer[]>;
      numFreeBuffers: number;
      numBytesAllocated: number;
    };
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.submitQueue();
    for (const buffers of pool.freeBuffers.values()) {
      for (const buffer of buffers) {
        buffer.destroy();
        pool.numBytesAllocated -= buffer.size;
      }
      pool.numFreeBuffers -= buffers.length;
      // Emptied, not removed: tfjs looks its lists up when it releases a buffer of that size.
      buffers.length = 0;
    }
  }
}
