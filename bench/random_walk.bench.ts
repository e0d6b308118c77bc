/**
 * How long does the random walk of one image take, 64 steps? Sparse, as here; and by squaring the dense transition matrix six times as
 * the authors' code does, with tfjs on wasm. A photograph of 500x375 has 47x63 pixels at stride 8: each of its six squarings is
 * 52 GFLOP, so the dense way is timed once.
 */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { Rng } from "../core/rng.ts";
import { fittingRadius, pixelPairs } from "../plugins/refinement/random_walk/pairs.ts";
import { walkSteps } from "../plugins/refinement/random_walk/steps.ts";
import {
  type PairAffinity,
  type SparseColumns,
  transitionMatrix,
} from "../plugins/refinement/random_walk/transition.ts";

const CLASSES = 21, BETA = 8, LOGT = 6;
await tf.setBackend("wasm");

function randomAffinity(height: number, width: number): PairAffinity {
  const rng = Rng.of(1, "affinity");
  const { to } = pixelPairs(height, width, fittingRadius(height, width));
  return { height, width, data: Float32Array.from(to, () => Math.exp(-rng.float())) };
}

/** Scores of the background and some present classes; the rest is 0. */
function scoresOf(size: number, present: number): Float64Array {
  const rng = Rng.of(2, "scores");
  return Float64Array.from(
    { length: CLASSES * size },
    (_, i) => i < present * size ? rng.float() : 0,
  );
}

function dense({ size, starts, rows, values }: SparseColumns): tf.Tensor2D {
  const data = new Float32Array(size * size);
  for (let column = 0; column < size; column++) {
    for (let entry = starts[column]!; entry < starts[column + 1]!; entry++) {
      data[rows[entry]! * size + column] = values[entry]!;
    }
  }
  return tf.tensor2d(data, [size, size]);
}

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

for (const [height, width] of [[12, 16], [28, 28], [47, 63]] as const) {
  const group = `${height}x${width}`, size = height * width;
  const affinity = randomAffinity(height, width), many = scoresOf(size, CLASSES);
  Deno.bench(`${group}: transition matrix`, { group }, () => {
    transitionMatrix(affinity, BETA);
  });
  const transition = transitionMatrix(affinity, BETA);
  for (const present of [3, CLASSES]) {
    const scores = scoresOf(size, present);
    Deno.bench(`${group}: sparse, ${present} of ${CLASSES} classes present`, { group }, () => {
      walkSteps(transition, scores, 2 ** LOGT);
    });
  }
  const once = size > 1000 ? { n: 1, warmup: 0 } : {};
  Deno.bench(`${group}: dense, tfjs wasm`, { group, baseline: true, ...once }, () => {
    walkDense(transition, many);
  });
}
