import type * as tf from "@tensorflow/tfjs";
import { WebGPUBackend, type WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";
import { userError } from "../../core/errors.ts";
import { ActivationStorage, type HalfStorage } from "../ops/precision.ts";
import { widen } from "../ops/webgpu/half.wgsl.ts";
import { HALF_COMPONENTS } from "../ops/webgpu/program.ts";
import { BufferPool } from "./buffer_pool.ts";
import { DeviceErrors } from "./device_errors.ts";
import { ShaderErrors } from "./shader_errors.ts";

type Arguments = Parameters<WebGPUBackend["runWebGPUProgram"]>;

/**
 * tfjs's WebGPU backend, which throws on errors. tfjs does not listen for a device's errors: a tensor above the storage-binding
 * limit makes every kernel that touches it do nothing, and its results are all zeros. To see it on lavapipe (limit 128 MiB):
 * `tf.ones([36e6]).add(1)`.
 */
export class GuardedWebGPUBackend extends WebGPUBackend implements HalfStorage {
  /** Whether the adapter computes on the CPU: what is fast there is not on a GPU. */
  readonly software: boolean;
  /** Whether the adapter's compiler takes minutes for a large block in registers. */
  readonly slowCompiler: boolean;
  /** How activations are stored. */
  readonly activations = new ActivationStorage();
  /** Tensors whose elements are float16, two to a word: tfjs knows them as half as many int32. */
  readonly #halves = new WeakSet<tf.DataId>();
  /** What was read of them, as tfjs keeps what it read of others. */
  readonly #read = new WeakMap<tf.DataId, tf.backend_util.BackendValues>();
  /** Its buffers. */
  readonly pool: BufferPool;
  readonly #errors: DeviceErrors;
  readonly #shaders: ShaderErrors;

  /**
   * @param device owned by this backend
   * @param info of its adapter
   * @param kind of its adapter
   */
  constructor(
    device: GPUDevice,
    info: GPUAdapterInfo,
    { software, slowCompiler }: Pick<GuardedWebGPUBackend, "software" | "slowCompiler">,
  ) {
    super(device, info);
    this.software = software;
    this.slowCompiler = slowCompiler;
    this.#errors = new DeviceErrors(device);
    this.#shaders = new ShaderErrors(device, (message) => this.#errors.add(message));
    this.pool = new BufferPool(this.bufferManager, () => this.maxTensorBytes);
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

  /** Whether a tensor's elements are float16. */
  storesHalf(dataId: tf.DataId): boolean {
    return this.#halves.has(dataId);
  }

  /**
   * Makes a tensor whose elements are float16; whatever its memory holds.
   *
   * @param shape elements a multiple of 4
   * @returns the tensor, float32 to everyone
   */
  makeHalf(shape: readonly number[]): tf.TensorInfo {
    const words = shape.reduce((product, size) => product * size, 1) / 2;
    const { dataId } = this.makeTensorInfo([words], "int32");
    this.#halves.add(dataId);
    return { dataId, shape: [...shape], dtype: "float32" };
  }

  /**
   * Checks every tensor before a kernel runs: the device would only skip it. Halves are widened for kernels that do not bind them as
   * such.
   */
  override runWebGPUProgram(...args: Arguments): tf.TensorInfo {
    const [program, given, outputType, uniforms, into] = args;
    for (const input of given) this.#checkSize(program, "input", input);
    this.#checkSize(program, "output", { shape: program.outputShape, dtype: outputType });
    const temporary: tf.TensorInfo[] = [];
    try {
      const inputs = given.map((input, i) => {
        if (!this.storesHalf(input.dataId)) return input;
        if (program.variableComponents?.[i] === HALF_COMPONENTS) return input;
        const floats = widen(this, input);
        temporary.push(floats);
        return floats;
      });
      if (program.outputComponent !== HALF_COMPONENTS) {
        return this.#run([program, inputs, outputType, uniforms, into]);
      }
      const half = this.makeHalf(program.outputShape);
      temporary.push(half);
      this.#run([program, inputs, "int32", uniforms, { ...half, dtype: "int32" }]);
      return temporary.pop()!;
    } finally {
      for (const { dataId } of temporary) this.disposeData(dataId);
    }
  }

  #run(args: Arguments): tf.TensorInfo {
    const [program] = args, name = program.shaderKey;
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
    { dataId, shape, dtype }: Partial<tf.TensorInfo> & Pick<tf.TensorInfo, "shape" | "dtype">,
  ): void {
    const halves = dataId === undefined
      ? program.outputComponent === HALF_COMPONENTS
      : this.storesHalf(dataId);
    const size = dtype === "complex64" ? 8 : halves ? 2 : 4;
    const bytes = shape.reduce((product, length) => product * length, size);
    if (bytes <= this.maxTensorBytes) return;
    throw userError(
      new RangeError(
        `Cannot run kernel ${program.shaderKey} on webgpu: its ${role} of shape [${
          shape.join(",")
        }] takes ${bytes} bytes, this device binds at most ${this.maxTensorBytes}; lower batch.micro or the image size`,
      ),
    );
  }

  /** Reads a tensor; throws rather than give the zeros that a failed kernel left. */
  override async read(dataId: object): ReturnType<WebGPUBackend["read"]> {
    const read = this.storesHalf(dataId) ? this.#readHalf(dataId) : this.#readOwn(dataId);
    const values = await read;
    await this.#shaders.settled();
    const { problem } = this.#errors;
    if (problem !== undefined) throw problem;
    return values;
  }

  /** tfjs reads, and caches, whole buffers; one that is used again may be longer than its tensor. */
  async #readOwn(dataId: object): ReturnType<WebGPUBackend["read"]> {
    const values = await super.read(dataId);
    const data = this.tensorMap.get(dataId);
    const { dtype, shape } = data as unknown as { dtype: tf.DataType; shape: readonly number[] };
    const size = shape.reduce((product, length) => product * length, 1);
    if (dtype === "string" || dtype === "complex64" || values.length <= size) return values;
    return data.values = (values as Float32Array).slice(0, size);
  }

  /** Gives what was read before. A page reads the device at once by way of a canvas, which Deno has not. */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const half = this.storesHalf(dataId);
    const kept = half ? this.#read.get(dataId) : this.tensorMap.get(dataId).values;
    if (kept !== undefined && kept !== null) return kept;
    if (!half && this.tensorMap.get(dataId).dtype === "complex64") return super.readSync(dataId);
    throw new Error(
      "Cannot read a tensor from webgpu at once: await its data() instead of dataSync() or arraySync()",
    );
  }

  async #readHalf(dataId: object): ReturnType<WebGPUBackend["read"]> {
    const kept = this.#read.get(dataId);
    if (kept !== undefined) return kept;
    // Its own shape, in words; the caller knows the tensor's.
    const { shape: [words] } = this.tensorMap.get(dataId) as unknown as { shape: [number] };
    const floats = widen(this, { dataId, shape: [words * 2], dtype: "float32" });
    try {
      const values = await this.#readOwn(floats.dataId);
      this.#read.set(dataId, values);
      return values;
    } finally {
      this.disposeData(floats.dataId);
    }
  }

  /**
   * Waits for all work in flight.
   *
   * @throws Error where the device was lost, refused a shader, or reported an error since the last call; a user error where memory
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

  /** Frees the buffers that no tensor uses. */
  purge(): void {
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.submitQueue();
    this.pool.freeIdle();
  }
}
