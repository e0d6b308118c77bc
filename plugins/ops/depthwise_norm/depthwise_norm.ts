import type * as tf from "@tensorflow/tfjs";
import { type ConvGeometry, type ConvOptions, geometryOf } from "../conv/geometry.ts";
import {
  depthwiseFilterGradientWork,
  depthwiseInputGradientWork,
  depthwiseWork,
} from "../conv/work.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import { isDepthwise3x3 } from "../depthwise/convolve_on_heap.ts";
import { depthwiseConv2d } from "../depthwise/depthwise_conv2d.ts";
import type { FoldedNormAttributes, FrozenNormAttributes } from "../frozen_norm/attributes.ts";
import { frozenNorm, type NormVectors } from "../frozen_norm/frozen_norm.ts";
import { scaleAndShift, slopesOf } from "../frozen_norm/wasm_kernel.ts";
import { offsetOf } from "../wasm/heap.ts";
import {
  depthwiseNormFilterGradientOnHeap,
  depthwiseNormInputGradientOnHeap,
  depthwiseNormOnHeap,
} from "./on_heap.ts";

/** Attributes of the operation. */
export type DepthwiseNormAttributes = FrozenNormAttributes & ConvOptions;

/** Attributes of its gradients. */
type GradientAttributes = FoldedNormAttributes & { readonly geometry: ConvGeometry };

/** Shapes of image and filter, as the kernel and its gradients see them. */
interface Operands {
  readonly x: Pick<tf.TensorInfo, "shape">;
  readonly filter: Pick<tf.TensorInfo, "shape">;
}

function geometryFor({ x, filter }: Operands, attributes: ConvOptions): ConvGeometry {
  const { stride = 1, dilation = 1, pad } = attributes;
  const how = { strides: stride, dilations: dilation, pad };
  return geometryOf(x.shape, filter.shape, how, true);
}

/**
 * A depthwise convolution, a batch normalisation by fixed statistics, and its activation: as `PointwiseNorm`, in fewer passes over memory,
 * which is what these take their time for.
 */
export const depthwiseNormOp = defineOp({
  name: "DepthwiseNorm",
  summary: "depthwise convolution, batch normalisation by fixed statistics, and its activation",
  inputs: { x: "[N,H,W,C]", filter: "[h,w,C,1]" },
  attributes: attributesOf<FoldedNormAttributes & ConvOptions>(),
  output: "[N,h',w',C]",
  shape: (operands, attributes) => floats(...geometryFor(operands, attributes).output),
  flops: depthwiseWork,
  wasm: {
    accepts: (operands, attributes) => isDepthwise3x3(geometryFor(operands, attributes)),
    run({ x, filter }, attributes, { backend }) {
      const geometry = geometryFor({ x, filter }, attributes);
      const { vectors, epsilon, activation } = attributes;
      const out = backend.makeOutput([...geometry.output], "float32");
      const [from, by, to] = [x, filter, out].map((tensor) => offsetOf(backend, tensor));
      const { scale, shift } = scaleAndShift(backend, vectors, epsilon);
      depthwiseNormOnHeap(backend, geometry, from!, by!, scale, shift, activation, to!);
      return out;
    },
  },
  compose({ x, filter }, { vectors, epsilon, activation, ...options }) {
    return frozenNorm(depthwiseConv2d(x, filter, options), vectors, { epsilon, activation });
  },
  gradient: {
    saves: ["x", "filter"],
    savesResult: true,
    towards(dy, { x, filter }, attributes, y) {
      const how = { ...attributes, geometry: geometryFor({ x, filter }, attributes) };
      return {
        x: () => depthwiseNormInputGradientOp.run({ dy, y, filter }, how),
        filter: () => depthwiseNormFilterGradientOp.run({ x, dy, y }, how),
      };
    },
    compositionByParts: true,
  },
});

/** Gradient of {@linkcode depthwiseNormOp} towards its input. */
export const depthwiseNormInputGradientOp = defineOp({
  name: "DepthwiseNormInputGradient",
  summary: "gradient of a depthwise convolution and its normalisation towards its input",
  inputs: { dy: "[N,h,w,C]", y: "[N,h,w,C]", filter: "[kh,kw,C,1]" },
  attributes: attributesOf<GradientAttributes>(),
  output: "[N,H,W,C]",
  shape: (_, { geometry }) => floats(...geometry.input),
  flops: depthwiseInputGradientWork,
  wasm({ dy, y, filter }, attributes, { backend }) {
    const { geometry } = attributes;
    const out = backend.makeOutput([...geometry.input], "float32");
    const [by, to] = [filter, out].map((tensor) => offsetOf(backend, tensor));
    const slopes = slopesOf(backend, { dy, y }, attributes);
    depthwiseNormInputGradientOnHeap(backend, geometry, slopes, by!, to!);
    return out;
  },
});

/** Gradient of {@linkcode depthwiseNormOp} towards its filter. */
export const depthwiseNormFilterGradientOp = defineOp({
  name: "DepthwiseNormFilterGradient",
  summary: "gradient of a depthwise convolution and its normalisation towards its filter",
  inputs: { x: "[N,H,W,C]", dy: "[N,h,w,C]", y: "[N,h,w,C]" },
  attributes: attributesOf<GradientAttributes>(),
  output: "[kh,kw,C,1]",
  shape: (_, { geometry: { taps, input } }) => floats(...taps, input[3], 1),
  flops: depthwiseFilterGradientWork,
  wasm({ x, dy, y }, attributes, { backend }) {
    const { geometry } = attributes;
    const out = backend.makeOutput([...geometry.taps, geometry.input[3], 1], "float32");
    const [from, to] = [x, out].map((tensor) => offsetOf(backend, tensor));
    const slopes = slopesOf(backend, { dy, y }, attributes);
    depthwiseNormFilterGradientOnHeap(backend, geometry, slopes, from!, to!);
    return out;
  },
});

/**
 * A depthwise convolution without bias, normalised by fixed statistics, then activated.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[h,w,C,1]` float32
 * @param vectors of the normalisation, `[C]` each; they get no gradient
 * @param attributes stride, dilation and padding; epsilon and activation
 * @returns `[N,h',w',C]` float32
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { depthwiseNorm } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const [zero, one] = [tf.zeros<tf.Rank.R1>([1]), tf.ones<tf.Rank.R1>([1])];
 * const vectors = { mean: one, variance: one, weight: one, bias: zero };
 * const [x, filter] = [tf.ones<tf.Rank.R4>([1, 3, 3, 1]), tf.ones<tf.Rank.R4>([3, 3, 1, 1])];
 * const y = depthwiseNorm(x, filter, vectors, { pad: 0, epsilon: 0, activation: "relu6" });
 * assertEquals([...await y.data()], [6]);
 * ```
 */
export function depthwiseNorm(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  vectors: NormVectors,
  attributes: DepthwiseNormAttributes,
): tf.Tensor4D {
  return depthwiseNormOp.run({ x, filter }, { ...attributes, vectors });
}
