import * as tf from "@tensorflow/tfjs";
import { byRows } from "../define/by_rows.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { like } from "../define/shapes.ts";
import { runCorrelation } from "./correlation.wgsl.ts";

/** Attributes of both ops. */
interface Attributes {
  /** Memory limit in bytes for a block of rows in the composition; results do not depend on it. */
  readonly blockBytes: number;
}

/** Number of floating-point operations of a correlation: `width` multiply-adds for every pair of positions. */
function pairs([samples, positions]: readonly number[], width: number): number {
  return 2 * samples! * positions! * positions! * width;
}

/**
 * Σ_i relu(unit_j · unit_i) · values_i for every j. Composed of tfjs's products, the pixel correlation module writes and reads
 * several pixels x pixels arrays, each of 39 MB for a training crop; the kernels write none. To see it: bench/webgpu_head.bench.ts.
 */
export const correlationOp = defineOp({
  name: "Correlation",
  summary: "sum of all pixels' values for every pixel, weighted by how alike they are",
  inputs: { unit: "[N,P,D]", values: "[N,P,C]" },
  attributes: attributesOf<Attributes>(),
  output: "[N,P,C]",
  shape: ({ values }) => like(values),
  flops: {
    kind: "matrix product",
    count: ({ unit, values }) => pairs(unit.shape, unit.shape[2] + values.shape[2]),
  },
  webgpu: ({ unit, values }, _, { backend }) => runCorrelation(backend, { unit, values }),
  compose: ({ unit, values }, { blockBytes }) =>
    byRows(
      unit.shape,
      blockBytes,
      (rows) => tf.matMul(tf.relu(products(rows(unit), unit)), values),
    ),
});

/**
 * Σ_i step(unit_j · unit_i) · (left_j · right_i) · unit_i for every j: the gradient of {@linkcode correlationOp} towards `unit`.
 * Rows are independent, so they can be computed in any order.
 */
export const correlationGradientOp = defineOp({
  name: "CorrelationGradient",
  summary: "gradient of the pixels' correlation",
  inputs: { unit: "[N,P,D]", left: "[N,P,E]", right: "[N,P,E]" },
  attributes: attributesOf<Attributes>(),
  output: "[N,P,D]",
  shape: ({ unit }) => like(unit),
  flops: {
    kind: "matrix product",
    count: ({ unit, left }) => pairs(unit.shape, 2 * unit.shape[2] + left.shape[2]),
  },
  webgpu: ({ unit, left, right }, _, { backend }) =>
    runCorrelation(backend, { unit, values: unit, slope: { left, right } }),
  compose: ({ unit, left, right }, { blockBytes }) =>
    byRows(unit.shape, blockBytes, (rows) => {
      const slope = products(rows(left), right);
      return tf.matMul(tf.mul<tf.Tensor3D>(slope, tf.step(products(rows(unit), unit))), unit);
    }),
});

/** Dot products of every row of `a` with every row of `b`: `[N,P,D]`, `[N,Q,D]` → `[N,P,Q]`. */
function products(a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  return tf.matMul(a, b, false, true);
}
