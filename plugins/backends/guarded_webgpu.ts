import type * as tf from "@tensorflow/tfjs";
import { WebGPUBackend, type WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";
import { mistake } from "../../core/errors.ts";
import { DeviceErrors } from "./device_errors.ts";
import { ShaderErrors } from "./shader_errors.ts";

type Arguments = Parameters<WebGPUBackend["runWebGPUProgram"]>;

/**
 * tfjs's WebGPU backend, with errors that stop. tfjs hears of a device's errors from nobody: a tensor above the storage-binding
 * limit makes every kernel that touches it do nothing, and its results are all zeros. To see it on lavapipe (limit 128 MiB):
 * `tf.ones([36e6]).add(1)`.
 */
export class GuardedWebGPUBackend extends WebGPUBackend {
  /** Whether the adapter computes on the CPU: what is fast there is not on a GPU. */
  readonly software: boolean;
  /** Buffers that no tensor uses are freed rather than take more than this. */
  memoryBytes = Infinity;
  readonly #errors: DeviceErrors;
  readonly #shaders: ShaderErrors;

  /**
   * @param device owned by this backend
   * @param info of its adapter
   * @param software whether the adapter computes on the CPU
   */
  constructor(device: GPUDevice, info: GPUAdapterInfo, software: boolean) {
    super(device, info);
    this.software = software;
    this.#errors = new DeviceErrors(device);
    this.#shaders = new ShaderErrors(device, (message) => this.#errors.add(message));
    const { bufferManager } = this;
    const acquire = bufferManager.acquireBuffer.bind(bufferManager);
    bufferManager.acquireBuffer = (size, ...how) => {
      if (bufferManager.numBytesAllocated + size > this.memoryBytes) this.#freeIdle();
      return acquire(size, ...how);
    };
  }

  /** Why the device was lost, or undefined while it works. */
  get lost(): string | undefined {
    return this.#errors.lost;
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
    const name = program.shaderKey;
    return this.#shaders.run(
      name === "" ? program.constructor.name : name,
      () => super.runWebGPUProgram(...args),
      // By now tfjs's name of it. Compiled anew at the next call, it is named anew.
      () => delete this.#pipelines[program.shaderKey],
    );
  }

  /** tfjs's compiled kernels, private to it. */
  get #pipelines(): Record<string, unknown> {
    return (this as unknown as { pipelineCache: Record<string, unknown> }).pipelineCache;
  }

  #checkSize(
    program: WebGPUProgram,
    role: "input" | "output",
    shape: readonly number[],
    type: tf.DataType,
  ): void {
    const bytes = shape.reduce((product, size) => product * size, type === "complex64" ? 8 : 4);
    if (bytes <= this.maxTensorBytes) return;
    throw mistake(
      new RangeError(
        `Cannot run kernel ${program.shaderKey} on webgpu: its ${role} of shape [${
          shape.join(",")
        }] takes ${bytes} bytes, this device binds at most ${this.maxTensorBytes}; lower batch.micro or the image size`,
      ),
    );
  }

  /** Reads a tensor; throws rather than give the zeros that a failed kernel left. */
  override async read(dataId: object): ReturnType<WebGPUBackend["read"]> {
    const values = await super.read(dataId);
    await this.#shaders.settled();
    const { problem } = this.#errors;
    if (problem !== undefined) throw problem;
    return values;
  }

  /**
   * Waits for all work in flight.
   *
   * @throws Error where the device was lost, refused a shader, or reported an error since the last call; a user's mistake where memory
   *   ran out
   */
  async check(): Promise<void> {
    if (this.lost === undefined) {
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      this.submitQueue();
      await Promise.race([this.queue.onSubmittedWorkDone(), this.device.lost]);
      await this.#shaders.settled();
      // Errors arrive as events, in a later turn of the event loop than the promises above.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const { problem } = this.#errors;
    this.#errors.clear();
    if (problem !== undefined) throw problem;
  }

  /**
   * Frees the buffers that no tensor uses. tfjs pools them by exact size and never lets go, so memory grows with every new image
   * size. To see it: `tf.memory().numBytesAllocatedInGPU` while adding tensors of ever new sizes.
   */
  purge(): void {
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.submitQueue();
    this.#freeIdle();
  }

  /** Buffers in the pool are of work that was submitted: a device frees them when it is done with that. */
  #freeIdle(): void {
    // What the pool holds is private to tfjs; this is the one place that reaches in.
    const pool = this.bufferManager as unknown as {
      freeBuffers: Map<string, GPUBuffer[]>;
      numFreeBuffers: number;
      numBytesAllocated: number;
    };
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
