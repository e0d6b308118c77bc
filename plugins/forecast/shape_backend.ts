import * as tf from "@tensorflow/tfjs";
import { reusableSize } from "../ops/webgpu/buffer_reuse.ts";
import { ActivationStorage, type HalfStorage } from "../ops/precision.ts";
import type { Precision } from "../../core/contracts/backend.ts";

/** Values up to this many elements are kept as written: indices and other constants that code may read back. */
const KEPT_ELEMENTS = 2 ** 14;

interface Entry {
  readonly dtype: tf.DataType;
  /** Whether it is stored in float16. */
  readonly half?: boolean;
  readonly size: number;
  readonly values?: tf.backend_util.BackendValues;
  /** Bytes of its buffer. */
  readonly bytes: number;
  references: number;
}

/** The peak memory of a computation, in bytes. */
export interface HeldBytes {
  /** Of buffers that tensors use; tensors that share one count once. */
  readonly used: number;
  /** Of those and the ones kept for reuse; as many as `used` on a backend that keeps none. */
  readonly allocated: number;
}

/** How a backend uses memory. */
export interface MemoryModel {
  /** Bytes that an element takes at least. */
  readonly leastBytes: number;
  /**
   * Kernel calls that are handed to the device together; 0 where each runs at once. Buffers that such a batch uses are free when
   * it was handed over, and kept for tensors of their size, or somewhat smaller ones, as on WebGPU.
   */
  readonly callsTogether: number;
  /** How activations are stored. */
  readonly precision: Precision;
}

/** A tfjs backend that knows how large tensors are and nothing else: what is read from it is 0, but for small constants. */
export class ShapeBackend extends tf.KernelBackend implements HalfStorage {
  readonly #entries = new Map<tf.DataId, Entry>();
  readonly #model: MemoryModel;
  /** Buffers that are kept: how many of each size. */
  readonly #idle = new Map<number, number>();
  /** Data of the kernels that wait to be handed over, and bytes of what was disposed of it. */
  #waiting = new Set<tf.DataId>();
  #disposed: number[] = [];
  #calls = 0;
  #used = 0;
  #allocated = 0;
  #peak: HeldBytes = { used: 0, allocated: 0 };

  /** @param model how the backend that it stands for uses memory */
  constructor(model: MemoryModel = { leastBytes: 1, callsTogether: 0, precision: "f32" }) {
    super();
    this.#model = model;
    this.activations = new ActivationStorage(model.precision);
  }

  /** How activations are stored. */
  readonly activations: ActivationStorage;

  /** Whether a tensor is stored in float16. */
  storesHalf(dataId: tf.DataId): boolean {
    return this.#entries.get(dataId)?.half ?? false;
  }

  /** Most bytes so far. */
  get peak(): HeldBytes {
    return this.#peak;
  }

  /** Counts a kernel call. */
  called(tensors: readonly tf.TensorInfo[]): void {
    if (this.#model.callsTogether === 0) return;
    for (const { dataId } of tensors) this.#waiting.add(dataId);
    if (++this.#calls < this.#model.callsTogether) return;
    this.#calls = 0;
    this.#waiting = new Set();
    for (const bytes of this.#disposed) this.#release(bytes);
    this.#disposed = [];
  }

  /** Reserves an output. */
  reserve(shape: readonly number[], dtype: tf.DataType, half = false): tf.TensorInfo {
    const dataId = {};
    this.#add(dataId, shape, dtype, { half });
    return { dataId, shape: [...shape], dtype };
  }

  override numDataIds(): number {
    return this.#entries.size;
  }

  override write(
    values: tf.backend_util.BackendValues | null,
    shape: number[],
    dtype: tf.DataType,
  ): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.backend_util.BackendValues | null,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const keep = values !== null && values.length <= KEPT_ELEMENTS;
    this.#add(dataId, shape, dtype, { references: refCount, ...keep && { values } });
  }

  override incRef(dataId: tf.DataId): void {
    this.#entry(dataId).references++;
  }

  override refCount(dataId: tf.DataId): number {
    return this.#entries.get(dataId)?.references ?? 0;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (entry === undefined) return true;
    entry.references--;
    if (!force && entry.references > 0) return false;
    this.#entries.delete(dataId);
    if (this.#waiting.has(dataId)) this.#disposed.push(entry.bytes);
    else this.#release(entry.bytes);
    return true;
  }

  override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
    const { values, dtype, size } = this.#entry(dataId);
    return values ?? tf.util.makeZerosTypedArray(size, dtype as "float32");
  }

  override read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.#entries.clear();
  }

  #add(
    dataId: tf.DataId,
    shape: readonly number[],
    dtype: tf.DataType,
    more: Partial<Pick<Entry, "half" | "references" | "values">>,
  ): void {
    const size = tf.util.sizeFromShape([...shape]);
    const element = Math.max(tf.util.bytesPerElement(dtype), this.#model.leastBytes);
    const bytes = this.#acquire(size * (more.half ? 2 : element));
    const entry = { dtype, size, references: 1, ...more, bytes };
    this.#entries.set(dataId, entry);
  }

  /** @returns bytes of the buffer that is taken */
  #acquire(bytes: number): number {
    const kept = this.#idle.entries().flatMap(([size, count]) => count > 0 ? [size] : []);
    const free = (this.#idle.get(bytes) ?? 0) > 0 ? bytes : reusableSize(bytes, kept, Infinity);
    const taken = free ?? bytes;
    if (free !== undefined) this.#idle.set(free, this.#idle.get(free)! - 1);
    else this.#allocated += bytes;
    this.#used += taken;
    this.#peak = {
      used: Math.max(this.#peak.used, this.#used),
      allocated: Math.max(this.#peak.allocated, this.#allocated),
    };
    return taken;
  }

  #release(bytes: number): void {
    this.#used -= bytes;
    if (this.#model.callsTogether === 0) this.#allocated -= bytes;
    else this.#idle.set(bytes, (this.#idle.get(bytes) ?? 0) + 1);
  }

  #entry(dataId: tf.DataId): Entry {
    const entry = this.#entries.get(dataId);
    if (!entry) throw new Error("Cannot estimate: a tensor of another backend was used");
    return entry;
  }
}
