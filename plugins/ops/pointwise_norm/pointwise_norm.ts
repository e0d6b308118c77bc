import type * as tf from "@tensorflow/tfjs";
import { conv2d } from "../conv/conv2d.ts";
import { filterGradientWork, forwardWork, inputGradientWork } from "../conv/work.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import type { FoldedNormAttributes, FrozenNormAttributes } from "../frozen_norm/attributes.ts";
import { frozenNorm, type NormVectors } from "../frozen_norm/frozen_norm.ts";
import { scaleAndShift, slopesOf } from "../frozen_norm/wasm_kernel.ts";
import { offsetOf } from "../wasm/heap.ts";
import {
  type Pointwise,
  pointwiseNormFilterGradientOnHeap,
  pointwiseNormInputGradientOnHeap,
  pointwiseNormOnHeap,
} from "./on_heap.ts";

type Shape = readonly [number, number, number, number];

function sizeOf([samples, height, width, channels]: Shape, filters: number): Pointwise {
  return { pixels: samples * height * width, channels, filters };
}

/**
 * A 1 x 1 convolution, a batch normalisation by fixed statistics, and its activation. Apart, the second reads and writes a whole map
 * that the first has just written, and a backward pass writes another for the two gradients to read; with thin convolutions that is most
 * of their time. Here a block is normalised while it is in the cache, forward and backward.
 */
export const pointwiseNormOp = defineOp({
  name: "PointwiseNorm",
  summary: "1 x 1 convolution, batch normalisation by fixed statistics, and its activation",
  inputs: { x: "[N,H,W,C]", filter: "[1,1,C,D]" },
  attributes: attributesOf<FoldedNormAttributes>(),
  output: "[N,H,W,D]",
  shape: ({ x: { shape: [n, h, w] }, filter }) => floats(n, h, w, filter.shape[3]),
  flops: forwardWork,
  wasm({ x, filter }, { vectors, epsilon, activation }, { backend }) {
    const size = sizeOf(x.shape, filter.shape[3]);
    const out = backend.makeOutput([...x.shape.slice(0, 3), size.filters], "float32");
    const [from, by, to] = [x, filter, out].map((tensor) => offsetOf(backend, tensor));
    const { scale, shift } = scaleAndShift(backend, vectors, epsilon);
    pointwiseNormOnHeap(backend, size, from!, by!, scale, shift, activation, to!);
    return out;
  },
  compose: ({ x, filter }, { vectors, ...attributes }) =>
    frozenNorm(conv2d(x, filter, { pad: 0 }), vectors, attributes),
  gradient: {
    saves: ["x", "filter"],
    savesResult: true,
    towards: (dy, { x, filter }, attributes, y) => ({
      x: () => pointwiseNormInputGradientOp.run({ dy, y, filter }, attributes),
      filter: () => pointwiseNormFilterGradientOp.run({ x, dy, y }, attributes),
    }),
    compositionByParts: true,
  },
});

/** Gradient of {@linkcode pointwiseNormOp} towards its input. */
export const pointwiseNormInputGradientOp = defineOp({
  name: "PointwiseNormInputGradient",
  summary: "gradient of a 1 x 1 convolution and its normalisation towards its input",
  inputs: { dy: "[N,H,W,D]", y: "[N,H,W,D]", filter: "[1,1,C,D]" },
  attributes: attributesOf<FoldedNormAttributes>(),
  output: "[N,H,W,C]",
  shape: ({ dy: { shape: [n, h, w] }, filter }) => floats(n, h, w, filter.shape[2]),
  flops: inputGradientWork,
  wasm({ dy, y, filter }, attributes, { backend }) {
    const { shape } = dy, channels = filter.shape[2];
    const out = backend.makeOutput([...shape.slice(0, 3), channels], "float32");
    const size = { ...sizeOf(shape, shape[3]), channels };
    const [by, to] = [filter, out].map((tensor) => offsetOf(backend, tensor));
    const slopes = slopesOf(backend, { dy, y }, attributes);
    pointwiseNormInputGradientOnHeap(backend, size, slopes, by!, to!);
    return out;
  },
});

/** Gradient of {@linkcode pointwiseNormOp} towards its filter. */
export const pointwiseNormFilterGradientOp = defineOp({
  name: "PointwiseNormFilterGradient",
  summary: "gradient of a 1 x 1 convolution and its normalisation towards its filter",
  inputs: { x: "[N,H,W,C]", dy: "[N,H,W,D]", y: "[N,H,W,D]" },
  attributes: attributesOf<FoldedNormAttributes>(),
  output: "[1,1,C,D]",
  shape: ({ x, dy }) => floats(1, 1, x.shape[3], dy.shape[3]),
  flops: filterGradientWork,
  wasm({ x, dy, y }, attributes, { backend }) {
    const size = sizeOf(x.shape, dy.shape[3]);
    const out = backend.makeOutput([1, 1, size.channels, size.filters], "float32");
    const [from, to] = [x, out].map((tensor) => offsetOf(backend, tensor));
    const slopes = slopesOf(backend, { dy, y }, attributes);
    pointwiseNormFilterGradientOnHeap(backend, size, slopes, from!, to!);
    return out;
  },
});

/**
 * A 1 x 1 convolution at stride 1 without bias, normalised by fixed statistics, then activated.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[1,1,C,D]` float32
 * @param vectors of the normalisation, `[D]` each; they get no gradient
 * @param attributes `relu` and `relu6` have gradient 0 at their corners, as PyTorch's
 * @returns `activation((x ∗ filter - mean) / sqrt(variance + epsilon) * weight + bias)`, `[N,H,W,D]`
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { pointwiseNorm } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const [zero, one] = [tf.zeros<tf.Rank.R1>([1]), tf.ones<tf.Rank.R1>([1])];
 * const vectors = { mean: one, variance: one, weight: one, bias: zero };
 * const filter = tf.tensor4d([1, 2], [1, 1, 2, 1]);
 * const y = pointwiseNorm(tf.tensor4d([3, 1], [1, 1, 1, 2]), filter, vectors, { epsilon: 0, activation: "relu" });
 * assertEquals([...await y.data()], [4]);
 * ```
 */
export function pointwiseNorm(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  vectors: NormVectors,
  attributes: FrozenNormAttributes,
): tf.Tensor4D {
  return pointwiseNormOp.run({ x, filter }, { ...attributes, vectors });
}
