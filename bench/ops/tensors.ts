import * as tf from "@tensorflow/tfjs";
import type { BenchTensors } from "seamstress/ops";

/** Number of random values drawn for a uniform tensor; a larger tensor repeats them. */
const DRAWN = 2 ** 16;

/** Tensors of one case, which are disposed with it. */
export class CaseTensors implements BenchTensors, Disposable {
  #seed = 0;
  readonly #kept: tf.Tensor[] = [];

  // Arrow functions, not methods, because cases destructure them.

  /** Uniformly distributed; tiled on the device, since tfjs draws on the CPU, which takes seconds for a large tensor. */
  readonly uniform = <R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> => {
    const size = tf.util.sizeFromShape([...shape as number[]]);
    return this.keep(tf.tidy((): tf.Tensor<R> => {
      const drawn = tf.randomUniform([Math.min(size, DRAWN)], -1, 1, "float32", ++this.#seed);
      if (size <= DRAWN) return tf.reshape<R>(drawn, shape);
      const repeated = tf.tile(drawn, [Math.ceil(size / DRAWN)]);
      return tf.reshape<R>(tf.slice(repeated, 0, size), shape);
    }));
  };

  /** Normally distributed. */
  readonly normal = <R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> =>
    this.keep(tf.randomNormal<R>(shape, 0, 1, "float32", ++this.#seed));

  /** Keeps a tensor until the case is over. */
  readonly keep = <T extends tf.Tensor>(tensor: T): T => {
    this.#kept.push(tf.keep(tensor));
    return tensor;
  };

  [Symbol.dispose](): void {
    tf.dispose(this.#kept);
    this.#kept.length = 0;
  }
}
