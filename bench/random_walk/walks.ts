import * as tf from "@tensorflow/tfjs";
import { Rng } from "seamstress";
import { fittingRadius, pixelPairs, type SparseColumns, walkSteps } from "seamstress/wsss";
import {
  type PairAffinity,
  transitionMatrix,
} from "../../plugins/affinitynet/random_walk/transition.ts";
import type { Work } from "../measure/sample.ts";

/** Background and foreground classes; exponent on affinities; steps are 2 to the power of LOGT. The authors' values. */
const CLASSES = 21, BETA = 8, LOGT = 6, STEPS = 2 ** LOGT;

/** Height and width of images at stride 8 that a dense walk takes little time for, and a photograph's. */
export const SMALL_SIZES = [[12, 16], [28, 28]] as const, PHOTOGRAPH = [47, 63] as const;

/** Affinities that no network would give: what the walk takes does not depend on them. */
function randomAffinity(height: number, width: number): PairAffinity {
  const rng = Rng.of(1, "affinity");
  const { to } = pixelPairs(height, width, fittingRadius(height, width));
  return { height, width, data: Float32Array.from(to, () => Math.exp(-rng.float())) };
}

/** Scores `[CLASSES][size]` of which some classes, the background among them, have others than 0. */
function scoresOf(size: number, present: number): Float64Array {
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

/** Walks as the authors' code does: squares the dense matrix again and again. */
function walkDense(transition: SparseColumns, scores: Float64Array): Float32Array {
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

/** The walk of an image, both ways. */
export interface Walks {
  readonly height: number;
  readonly width: number;
  readonly steps: number;
  readonly transition: SparseColumns;
  /** What is measured: of 21 classes, but for one. */
  readonly works: Readonly<
    Record<"dense" | "sparse" | "sparse, 3 classes" | "transition matrix", Work>
  >;
  /** @returns `[CLASSES][size]` after all steps */
  sparseScores(): Float64Array;
  /** @returns the same of the dense walk, of the last one that was measured */
  denseScores(): Float32Array;
}

/**
 * Prepares the walk of an image on the current backend.
 *
 * @param height of the image at stride 8
 * @param width of the same
 * @returns both ways
 */
export function walksOf(height: number, width: number): Walks {
  const size = height * width, affinity = randomAffinity(height, width);
  const transition = transitionMatrix(affinity, BETA);
  const [few, all] = [scoresOf(size, 3), scoresOf(size, CLASSES)];
  // At a photograph's size a dense walk takes so long that what was measured is kept.
  let walked: Float32Array | undefined;
  return {
    ...{ height, width, transition, steps: STEPS },
    works: {
      dense: { run: () => walked = walkDense(transition, all) },
      sparse: { run: () => walkSteps(transition, all, STEPS) },
      "sparse, 3 classes": { run: () => walkSteps(transition, few, STEPS) },
      "transition matrix": { run: () => transitionMatrix(affinity, BETA) },
    },
    sparseScores: () => walkSteps(transition, all, STEPS),
    denseScores: () => walked ?? walkDense(transition, all),
  };
}
