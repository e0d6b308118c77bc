import * as tf from "@tensorflow/tfjs";
import type { Alignment } from "./alignment.ts";
import {
  INTERPOLATE,
  INTERPOLATE_IMAGE,
  type InterpolateImageAttributes,
  runOwnKernel,
} from "../own_kernels.ts";

/** Input coordinate of output index `i`, in pixels, not yet clamped. */
function source(i: number, from: number, to: number, alignment: Alignment): number {
  switch (alignment) {
    case "corners":
      return to > 1 ? i * (from - 1) / (to - 1) : 0;
    case "half-pixel":
      return (i + 0.5) * from / to - 0.5;
    case "legacy":
      return i * from / to;
  }
}

/**
 * The matrix of linear interpolation along one axis.
 *
 * @param from input pixels
 * @param to output pixels
 * @param alignment which input coordinate an output pixel reads
 * @returns `[to][from]` row-major; every row sums to 1 and has at most two entries
 */
export function interpolationWeights(
  from: number,
  to: number,
  alignment: Alignment,
): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = Math.min(Math.max(source(i, from, to, alignment), 0), from - 1);
    const low = Math.floor(at), high = Math.min(low + 1, from - 1);
    weights[i * from + low]! += 1 - (at - low);
    weights[i * from + high]! += at - low;
  }
  return weights;
}

/** `[rows][columns]` → `[columns][rows]`. */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c]!;
  }
  return out;
}

/** `[rows][columns]` times each of `[K,columns,M]` → `[K,rows,M]`. */
function applyMatrix(weights: Float32Array, rows: number, x: tf.Tensor3D): tf.Tensor3D {
  return runOwnKernel<tf.Tensor3D>(INTERPOLATE, { x }, { weights, size: rows }) ??
    tf.matMul(tf.tensor3d(weights, [1, rows, x.shape[1]]), x);
}

/**
 * Interpolates by two small matrix products, or applies the transpose of that, which is its gradient. Exact on every backend.
 *
 * @param x `[N,H,W,C]`, of the small or large size as `direction` says
 * @param from size before interpolation
 * @param to size after interpolation
 * @param alignment which input coordinate an output pixel reads
 * @param direction `forward`: from → to; `backward`: the gradient, to → from
 * @returns `[N,h,w,C]`
 */
export function interpolate(
  x: tf.Tensor4D,
  from: readonly [number, number],
  to: readonly [number, number],
  alignment: Alignment,
  direction: "forward" | "backward",
): tf.Tensor4D {
  return tf.tidy(() => {
    if (from[0] === to[0] && from[1] === to[1]) return x.clone();
    const [height, width] = direction === "forward" ? to : from;
    const attributes: InterpolateImageAttributes = {
      from,
      to,
      alignment,
      direction,
      size: [height, width],
    };
    const whole = runOwnKernel<tf.Tensor4D>(INTERPOLATE_IMAGE, { x }, attributes);
    if (whole !== undefined) return whole;
    const matrix = (axis: 0 | 1): Float32Array => {
      const weights = interpolationWeights(from[axis], to[axis], alignment);
      return direction === "forward" ? weights : transposed(weights, to[axis], from[axis]);
    };
    const weights = [matrix(0), matrix(1)] as const;
    const rows = (t: tf.Tensor4D): tf.Tensor4D => {
      const [n, h, w, c] = t.shape;
      return h === height && from[0] === to[0]
        ? t
        : applyMatrix(weights[0], height, t.reshape([n, h, w * c])).reshape([n, height, w, c]);
    };
    const columns = (t: tf.Tensor4D): tf.Tensor4D => {
      const [n, h, w, c] = t.shape;
      return w === width && from[1] === to[1]
        ? t
        : applyMatrix(weights[1], width, t.reshape([n * h, w, c])).reshape([n, h, width, c]);
    };
    // The axis that shrinks goes first: the intermediate stays small.
    return height <= x.shape[1] ? columns(rows(x)) : rows(columns(x));
  });
}
