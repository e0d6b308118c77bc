import * as tf from "@tensorflow/tfjs";
import { floatsAt, offsetOf, type Wasm } from "../wasm/heap.ts";
import type { FoldedNormAttributes, FrozenNormAttributes } from "./attributes.ts";
import { normalizeGradientOnHeap, normalizeOnHeap } from "./on_heap.ts";
import type { Slopes } from "./slopes_on_heap.ts";

/** A tensor of each name. */
type Tensors<N extends string> = Readonly<Record<N, tf.TensorInfo>>;

/**
 * Normalises by fixed statistics, and activates.
 *
 * @param wasm the backend
 * @param inputs `x`: `[…,C]`; the vectors `[C]`
 * @param attributes epsilon and activation
 * @returns x's shape
 */
export function frozenNormOnHeap(
  wasm: Wasm,
  { x, mean, variance, weight, bias }: Tensors<"x" | "mean" | "variance" | "weight" | "bias">,
  { activation, epsilon }: FrozenNormAttributes,
): tf.TensorInfo {
  const out = wasm.makeOutput(x.shape, "float32");
  const { scale, shift } = scaleAndShift(wasm, { mean, variance, weight, bias }, epsilon);
  const length = tf.util.sizeFromShape(x.shape);
  normalizeOnHeap(
    wasm,
    offsetOf(wasm, x),
    scale,
    shift,
    activation,
    offsetOf(wasm, out),
    length,
  );
  return out;
}

/**
 * Gradient of {@linkcode frozenNormOnHeap} towards x.
 *
 * @param wasm the backend
 * @param inputs `dy` and the result `y`: `[…,C]`; the vectors `[C]`
 * @param attributes epsilon and activation
 * @returns dy's shape
 */
export function frozenNormGradientOnHeap(
  wasm: Wasm,
  { dy, y, variance, weight }:
    & Tensors<"dy" | "variance" | "weight">
    & Partial<Tensors<"y">>,
  { activation, epsilon }: FrozenNormAttributes,
): tf.TensorInfo {
  const out = wasm.makeOutput(dy.shape, "float32");
  normalizeGradientOnHeap(
    wasm,
    offsetOf(wasm, dy),
    y === undefined ? 0 : offsetOf(wasm, y),
    folded(wasm, weight, variance, epsilon).scale,
    activation,
    offsetOf(wasm, out),
    tf.util.sizeFromShape(dy.shape),
  );
  return out;
}

function vector(wasm: Wasm, tensor: tf.TensorInfo): Float32Array {
  return floatsAt(wasm, offsetOf(wasm, tensor), tf.util.sizeFromShape(tensor.shape));
}

/** What a normalisation multiplies by, of the vectors that it was made of, and what it adds where that was asked for. */
interface Folded {
  readonly variance: tf.DataId;
  readonly epsilon: number;
  /** weight / √(variance + ε). */
  readonly scale: Float64Array;
  /** Those of the vectors, and `bias - mean · scale`. */
  shifted?: { readonly mean: tf.DataId; readonly bias: tf.DataId; readonly shift: Float64Array };
}

/** By weight. Frozen vectors are the same step after step, and each layer asks three times a step; no kernel on wasm overwrites one. */
const known = new WeakMap<tf.DataId, Folded>();

function folded(
  wasm: Wasm,
  weight: tf.TensorInfo,
  variance: tf.TensorInfo,
  epsilon: number,
): Folded {
  const found = known.get(weight.dataId);
  if (found && found.variance === variance.dataId && found.epsilon === epsilon) return found;
  const spreads = vector(wasm, variance), weights = vector(wasm, weight);
  const scale = new Float64Array(weights.length);
  for (let c = 0; c < scale.length; c++) scale[c] = weights[c]! / Math.sqrt(spreads[c]! + epsilon);
  const made: Folded = { variance: variance.dataId, epsilon, scale };
  known.set(weight.dataId, made);
  return made;
}

/**
 * A normalisation as x · scale + shift, in float64.
 *
 * @param wasm the backend
 * @param vectors `[C]` each
 * @param epsilon added to the variance
 * @returns `[C]` each
 */
export function scaleAndShift(
  wasm: Wasm,
  { mean, variance, weight, bias }: Tensors<"mean" | "variance" | "weight" | "bias">,
  epsilon: number,
): { readonly scale: Float64Array; readonly shift: Float64Array } {
  const one = folded(wasm, weight, variance, epsilon), { scale, shifted } = one;
  if (shifted && shifted.mean === mean.dataId && shifted.bias === bias.dataId) {
    return { scale, shift: shifted.shift };
  }
  const centers = vector(wasm, mean), ends = vector(wasm, bias);
  const shift = new Float64Array(scale.length);
  for (let c = 0; c < shift.length; c++) shift[c] = ends[c]! - centers[c]! * scale[c]!;
  one.shifted = { mean: mean.dataId, bias: bias.dataId, shift };
  return { scale, shift };
}

/**
 * Finds the gradient of a normalised result on the heap.
 *
 * @param wasm the backend
 * @param inputs `dy` and the result `y`: `[…,C]`
 * @param attributes the vectors, epsilon and activation
 * @returns where it is
 */
export function slopesOf(
  wasm: Wasm,
  { dy, y }: Tensors<"dy" | "y">,
  { vectors: { weight, variance }, epsilon, activation }: FoldedNormAttributes,
): Slopes {
  return {
    dy: offsetOf(wasm, dy),
    y: offsetOf(wasm, y),
    scale: folded(wasm, weight, variance, epsilon).scale,
    activation,
  };
}
