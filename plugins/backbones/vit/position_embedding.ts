import * as tf from "@tensorflow/tfjs";

/** Keys' cubic with parameter a, for distances of at most 2. */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/**
 * How far every old position counts in every new one, along one axis: PyTorch's bicubic `interpolate` to a given size.
 *
 * @param from old positions
 * @param to new ones
 * @param antialias as PyTorch's: a kernel with a = -0.5 that widens where there are fewer new ones, cut off at the border and
 *   normalised; without it a = -0.75, never wider, and the border repeated
 * @returns `[to,from]`, row by row
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bicubicWeights } from "./position_embedding.ts";
 * assertEquals([...bicubicWeights(2, 2, true)], [1, 0, 0, 1]);
 * ```
 */
export function bicubicWeights(from: number, to: number, antialias: boolean): Float32Array {
  const weights = new Float32Array(from * to);
  const scale = from / to, widening = antialias ? Math.max(scale, 1) : 1;
  for (let i = 0; i < to; i++) {
    const center = scale * (i + 0.5);
    const first = Math.floor(center - 2 * widening + 0.5),
      end = Math.floor(center + 2 * widening + 0.5);
    const row = new Float64Array(from);
    for (let j = first; j < end; j++) {
      if (antialias && (j < 0 || j >= from)) continue;
      const at = Math.min(Math.max(j, 0), from - 1);
      row[at]! += cubic((j + 0.5 - center) / widening, antialias ? -0.5 : -0.75);
    }
    const sum = antialias ? row.reduce((total, weight) => total + weight, 0) : 1;
    row.forEach((weight, j) => weights[i * from + j] = weight / sum);
  }
  return weights;
}

/**
 * Interpolates a square grid of position embeddings to another grid, as timm's `resample_abs_pos_embed` does (bicubic, align_corners
 * false; `timm/layers/pos_embed.py` of timm 0.9 and 1.0, where antialias is on).
 *
 * @param embedding `[1,S*S,D]`, without those of class tokens
 * @param grid rows and columns that are wanted
 * @param antialias of {@linkcode bicubicWeights}
 * @returns `[1,1,rows*columns,D]`; the gradient passes to `embedding`
 */
export function interpolatePositions(
  embedding: tf.Tensor,
  [rows, columns]: readonly [number, number],
  antialias: boolean,
): tf.Tensor4D {
  const [, positions, channels] = embedding.shape as [number, number, number];
  const side = Math.sqrt(positions);
  if (rows === side && columns === side) return tf.reshape(embedding, [1, 1, positions, channels]);
  return tf.tidy(() => {
    const axis = (to: number) => tf.tensor2d(bicubicWeights(side, to, antialias), [to, side]);
    const down = tf.matMul(axis(rows), tf.reshape<tf.Rank.R2>(embedding, [side, side * channels]));
    const turned = tf.transpose(tf.reshape(down, [rows, side, channels]), [1, 0, 2]);
    const across = tf.matMul(
      axis(columns),
      tf.reshape<tf.Rank.R2>(turned, [side, rows * channels]),
    );
    const grid = tf.transpose(tf.reshape(across, [columns, rows, channels]), [1, 0, 2]);
    return tf.reshape(grid, [1, 1, rows * columns, channels]);
  });
}
