import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../core/rng.ts";
import { fittingRadius, pixelPairs } from "../../plugins/affinitynet/random_walk/pairs.ts";
import type {
  PairAffinity,
  SparseColumns,
} from "../../plugins/affinitynet/random_walk/transition.ts";

/** Background and foreground classes; exponent on affinities; steps are 2 to the power of LOGT. The authors' values. */
export const CLASSES = 21, BETA = 8, LOGT = 6;

/** Height and width of images at stride 8 that a dense walk takes little time for, and a photograph's. */
export const SMALL_SIZES = [[12, 16], [28, 28]] as const, PHOTOGRAPH = [47, 63] as const;

/**
 * @param height of a photograph at stride 8
 * @param width of the same
 * @returns affinities that no network would give: what the walk takes does not depend on them
 */
export function randomAffinity(height: number, width: number): PairAffinity {
  const rng = Rng.of(1, "affinity");
  const { to } = pixelPairs(height, width, fittingRadius(height, width));
  return { height, width, data: Float32Array.from(to, () => Math.exp(-rng.float())) };
}

/**
 * @param size pixels
 * @param present classes with scores, the background among them; the others' are 0
 * @returns `[CLASSES][size]`
 */
export function scoresOf(size: number, present: number): Float64Array {
  const rng = Rng.of(2, "scores");
  return Float64Array.from(
    { length: CLASSES * size },
    (_, i) => i < present * size ? rng.float() : 0,
  );
}

/** The matrix with all its zeros. */
function dense({ size, starts, rows, values }: SparseColumns): tf.Tensor2D {
  const data = new Float32Array(size * size);
  for (let column = 0; column < size; column++) {
    for (let entry = starts[column]!; entry < starts[column + 1]!; entry++) {
      data[rows[entry]! * size + column] = values[entry]!;
    }
  }
  return tf.tensor2d(data, [size, size]);
}

/**
 * Walks as the authors' code does: squares the dense matrix again and again.
 *
 * @param transition of one step
 * @param scores `[CLASSES][size]`
 * @returns `[CLASSES][size]` after 2^LOGT steps
 */
export function walkDense(transition: SparseColumns, scores: Float64Array): Float32Array {
  return tf.tidy(() => {
    let t = dense(transition);
    for (let i = 0; i < LOGT; i++) {
      const square: tf.Tensor2D = tf.matMul(t, t);
      t.dispose();
      t = square;
    }
    const rows = tf.tensor2d(Float32Array.from(scores), [CLASSES, transition.size]);
    return tf.matMul(rows, t).dataSync<"float32">();
  });
}
