import type { Elements } from "../elements.ts";
import type { Storage } from "./storage.ts";

/** A tensor as a pickle describes it: a strided view of a storage. */
export class TensorRecord {
  /**
   * Describes a tensor as a view of a storage.
   *
   * @param storage contains every element of the tensor
   * @param offset of the first element, in elements
   * @param shape sizes >= 0
   * @param strides per dimension, in elements, >= 0
   */
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}

  /** Number of elements. */
  get count(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  /** Whether the tensor is contiguous. */
  get contiguous(): boolean {
    let step = 1;
    return this.shape.map((size, d) => ({ size, stride: this.strides[d] })).reverse()
      .every(({ size, stride }) => {
        const fits = size === 1 || stride === step;
        step *= size;
        return fits;
      });
  }

  /**
   * Returns the elements, row-major.
   *
   * @param data the storage's elements
   * @returns a view where the tensor is contiguous or empty, else a copy
   */
  elements(data: Elements): Elements {
    const { count, offset } = this;
    if (count === 0 || this.contiguous) return data.subarray(offset, offset + count);
    if (data instanceof Float32Array) return this.#gather(data, new Float32Array(count));
    if (data instanceof Int32Array) return this.#gather(data, new Int32Array(count));
    if (data instanceof Uint8Array) return this.#gather(data, new Uint8Array(count));
    return this.#gather(data, new BigInt64Array(count));
  }

  #gather<T, A extends { [index: number]: T }>(from: ArrayLike<T>, to: A): A {
    const { shape, strides } = this;
    const last = shape.length - 1;
    let written = 0;
    const walk = (dimension: number, at: number): void => {
      const size = shape[dimension]!, stride = strides[dimension]!;
      for (let i = 0; i < size; i++, at += stride) {
        if (dimension < last) walk(dimension + 1, at);
        else to[written++] = from[at]!;
      }
    };
    walk(0, this.offset);
    return to;
  }
}
