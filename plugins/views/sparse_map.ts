import * as tf from "@tensorflow/tfjs";

/** A linear map between pixels: every result is the weighted sum of a few sources. */
interface Rows {
  /** Sources, `[terms][pixels]`. */
  readonly sources: readonly Int32Array[];
  /** Their weights, 0 where a pixel has fewer. */
  readonly weights: readonly Float32Array[];
}

/** A linear map from the pixels of an image to those of another of the same size, and its adjoint. */
export interface SparseMap {
  readonly forward: Rows;
  readonly adjoint: Rows;
}

/**
 * Transposes a map: its adjoint, as sums over sources too. A gather's gradient is a scatter, which tfjs lacks on wasm and adds
 * up in a random order on webgpu; the adjoint as another gather is exact and the same each time.
 *
 * @param forward `sources[k][i]` contributes `weights[k][i]` to pixel i
 * @returns the map with its adjoint
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sparseMap } from "./sparse_map.ts";
 * const shift = { sources: [Int32Array.of(1, 2, 0)], weights: [Float32Array.of(1, 1, 0)] };
 * const { adjoint } = sparseMap(shift);
 * assertEquals([...adjoint.sources[0]!], [0, 0, 1]);
 * assertEquals([...adjoint.weights[0]!], [0, 1, 1]);
 * ```
 */
export function sparseMap(forward: Rows): SparseMap {
  const pixels = forward.sources[0]!.length;
  const used = new Int32Array(pixels);
  const sources: Int32Array[] = [], weights: Float32Array[] = [];
  forward.sources.forEach((from, k) => {
    for (let i = 0; i < pixels; i++) {
      const weight = forward.weights[k]![i]!;
      if (weight === 0) continue;
      const source = from[i]!;
      const term = used[source]!++;
      if (term === sources.length) {
        sources.push(new Int32Array(pixels));
        weights.push(new Float32Array(pixels));
      }
      sources[term]![source] = i;
      weights[term]![source] = weight;
    }
  });
  return { forward, adjoint: { sources, weights } };
}

/**
 * Applies a map to every sample and channel.
 *
 * @param map between H·W pixels, row by row
 * @param x `[N,H,W,C]` float32
 * @returns `[N,H,W,C]`; its gradient is the adjoint, exactly
 */
export function applySparseMap(map: SparseMap, x: tf.Tensor4D): tf.Tensor4D {
  const op = tf.customGrad((input) => ({
    value: weightedSum(input as tf.Tensor4D, map.forward),
    gradFunc: (dy: tf.Tensor4D) => weightedSum(dy, map.adjoint),
  }));
  return op(x);
}

function weightedSum(x: tf.Tensor4D, { sources, weights }: Rows): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  const pixels = height * width;
  return tf.tidy(() => {
    const flat = tf.reshape<tf.Rank.R3>(x, [samples, pixels, channels]);
    let sum = tf.zerosLike(flat);
    sources.forEach((from, k) => {
      const last = sum;
      sum = tf.tidy(() => {
        const taken = tf.gather<tf.Tensor3D>(flat, tf.tensor1d(from, "int32"), 1);
        return tf.add(last, tf.mul(taken, tf.tensor3d(weights[k]!, [1, pixels, 1])));
      });
      last.dispose();
    });
    return tf.reshape(sum, x.shape);
  });
}
