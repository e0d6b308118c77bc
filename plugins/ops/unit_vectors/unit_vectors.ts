import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { like } from "../define/shapes.ts";
import { runUnitVectors, SHORTEST_SQUARED } from "./unit_vectors.wgsl.ts";

/** Attributes of both ops. */
interface Attributes {
  readonly epsilon: number;
}

/** `x / (‖x‖₂ + epsilon)`. */
export const unitVectorsOp = defineOp({
  name: "UnitVectors",
  summary: "every vector divided by its length",
  inputs: { x: "[N,P,D]" },
  attributes: attributesOf<Attributes>(),
  output: "[N,P,D]",
  shape: ({ x }) => like(x),
  webgpu: ({ x }, { epsilon }, { backend }) => runUnitVectors(backend, x, epsilon),
  compose: ({ x }, { epsilon }) => tf.div<tf.Tensor3D>(x, tf.add(lengths(x), epsilon)),
  gradient: {
    saves: ["x"],
    towards: (dy, { x }, attributes) => ({
      x: () => unitVectorsGradientOp.run({ x, dy }, attributes),
    }),
  },
});

/** Gradient of {@linkcode unitVectorsOp} towards `x`. */
export const unitVectorsGradientOp = defineOp({
  name: "UnitVectorsGradient",
  summary: "gradient of every vector divided by its length",
  inputs: { x: "[N,P,D]", dy: "[N,P,D]" },
  attributes: attributesOf<Attributes>(),
  output: "[N,P,D]",
  shape: ({ x }) => like(x),
  webgpu: ({ x, dy }, { epsilon }, { backend }) => runUnitVectors(backend, x, epsilon, dy),
  compose: ({ x, dy }, { epsilon }) => {
    const length = lengths(x);
    const divisor = tf.add(length, epsilon);
    const along = tf.sum(tf.mul(x, dy), 2, true);
    const back = tf.div(along, tf.mul(length, tf.square(divisor)));
    return tf.sub<tf.Tensor3D>(tf.div(dy, divisor), tf.mul(x, back));
  },
});

/** `[N,P,D]` → `[N,P,1]`: the vectors' L2 norms, clamped away from 0 so that they can be divided by. */
function lengths(x: tf.Tensor3D): tf.Tensor3D {
  return tf.sqrt(tf.maximum(tf.sum(tf.square(x), 2, true), SHORTEST_SQUARED));
}

/**
 * Divides every vector by its length plus epsilon: x / (‖x‖₂ + ε).
 *
 * @param x `[N,P,D]` float32
 * @param epsilon added to each length
 * @returns `[N,P,D]`; a zero vector stays zero, with the gradient dy / ε
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { unitVectors } from "seamstress/ops";
 * const unit = unitVectors(tf.tensor3d([3, 4, 0, 0], [1, 2, 2]), 1e-5).dataSync();
 * [0.6, 0.8, 0, 0].forEach((value, i) => assertAlmostEquals(unit[i]!, value, 1e-5));
 * ```
 */
export function unitVectors(x: tf.Tensor3D, epsilon: number): tf.Tensor3D {
  return unitVectorsOp.run({ x }, { epsilon });
}
