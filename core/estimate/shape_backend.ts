import * as tf from "@tensorflow/tfjs";

/** Values up to this many elements are kept as written: indices and other constants that code may read back. */
const KEPT_ELEMENTS = 2 ** 14;

interface Entry {
  readonly dtype: tf.DataType;
  readonly size: number;
  readonly values?: tf.backend_util.BackendValues;
  references: number;
}

/** A tfjs backend that knows how large tensors are and nothing else: what is read from it is 0, but for small constants. */
export class ShapeBackend extends tf.KernelBackend {
  readonly #entries = new Map<tf.DataId, Entry>();

  /** Reserves an output. */
  reserve(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    this.#add(dataId, shape, dtype);
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
    this.#add(dataId, shape, dtype, refCount, keep ? values : undefined);
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
    references = 1,
    values?: tf.backend_util.BackendValues,
  ): void {
    const size = tf.util.sizeFromShape([...shape]);
    this.#entries.set(dataId, { dtype, size, references, ...values && { values } });
  }

  #entry(dataId: tf.DataId): Entry {
    const entry = this.#entries.get(dataId);
    if (!entry) throw new Error("Cannot estimate: a tensor of another backend was used");
    return entry;
  }
}
