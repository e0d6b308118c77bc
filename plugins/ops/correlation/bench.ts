import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases, forwardAndGradient } from "../define/bench_case.ts";
import { unitVectors } from "../unit_vectors/unit_vectors.ts";
import { correlatePixels } from "./correlate_pixels.ts";

const CLASSES = 21, FEATURES = 192, EPSILON = 1e-5;

/** Scores `[1,P,K]`, and features of the same pixels, `[1,P,D]`. */
interface Inputs {
  readonly scores: tf.Tensor3D;
  readonly x: tf.Tensor3D;
}

/** The equation as in the paper: plain products with a pixels x pixels matrix. */
function plain({ scores, x }: Inputs): tf.Tensor3D {
  const unit = tf.div<tf.Tensor3D>(x, tf.add(tf.norm(x, 2, 2, true), EPSILON));
  const affinity = tf.relu(tf.matMul(unit, unit, false, true));
  const even = tf.div<tf.Tensor3D>(affinity, tf.add(tf.sum(affinity, 1, true), EPSILON));
  return tf.matMul(even, scores, true);
}

function ours({ scores, x }: Inputs): tf.Tensor3D {
  return correlatePixels(scores, unitVectors(x, EPSILON), EPSILON);
}

/** Benchmark cases: SEAM's pixel correlation module at strides 16 and 8 of a training crop. */
export const bench: BenchCases = ({ backend, quick }) => {
  if (backend === "wasm") return [];
  return (quick ? [28] : [28, 56]).flatMap((size) => {
    const { forward, gradient } = forwardAndGradient<Inputs>(
      `PCM ${size}x${size}, ${FEATURES} features, ${CLASSES} classes`,
      ({ normal }) => ({
        scores: normal<tf.Rank.R3>([1, size * size, CLASSES]),
        x: normal<tf.Rank.R3>([1, size * size, FEATURES]),
      }),
      { tfjs: plain, composed: ours, ours },
    );
    return [benchCase(forward), benchCase(gradient)];
  });
};
