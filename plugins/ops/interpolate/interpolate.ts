import type * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import type { Alignment } from "./alignment.ts";
import type { InterpolateImageAttributes } from "./attributes.ts";
import { interpolateRowsOp } from "./interpolate_rows.ts";
import { runInterpolate } from "./interpolate.wgsl.ts";
import { interpolationWeights, transposed } from "./weights.ts";

/** Height and width of the result. */
const sizeAfter = ({ direction, from, to }: InterpolateImageAttributes) =>
  direction === "forward" ? to : from;

/**
 * Interpolation along both axes of an image, or its gradient. Computed as two matrix products, all but a few factors per row are
 * zeros; the kernel skips them. To see it: bench/webgpu_head.bench.ts.
 */
export const interpolateImageOp = defineOp({
  name: "InterpolateImage",
  summary: "bilinear interpolation of images, and its gradient",
  inputs: { x: "[N,H,W,C]" },
  attributes: attributesOf<InterpolateImageAttributes>(),
  output: "[N,h,w,C]",
  shape: ({ x: { shape, dtype } }, attributes) => ({
    shape: [shape[0], ...sizeAfter(attributes), shape[3]],
    dtype,
  }),
  webgpu: ({ x }, attributes, { backend }) => runInterpolate(backend, x, attributes),
  compose({ x }, attributes) {
    const { from, to, alignment, direction } = attributes;
    const [height, width] = sizeAfter(attributes);
    const matrix = (axis: 0 | 1): Float32Array => {
      const weights = interpolationWeights(from[axis], to[axis], alignment);
      return direction === "forward" ? weights : transposed(weights, to[axis], from[axis]);
    };
    const multiply = (axis: 0 | 1, size: number, t: tf.Tensor3D) =>
      interpolateRowsOp.run({ x: t }, { weights: matrix(axis), size });
    const rows = (t: tf.Tensor4D): tf.Tensor4D => {
      const [n, h, w, c] = t.shape;
      return h === height && from[0] === to[0]
        ? t
        : multiply(0, height, t.reshape([n, h, w * c])).reshape([n, height, w, c]);
    };
    const columns = (t: tf.Tensor4D): tf.Tensor4D => {
      const [n, h, w, c] = t.shape;
      return w === width && from[1] === to[1]
        ? t
        : multiply(1, width, t.reshape([n * h, w, c])).reshape([n, h, width, c]);
    };
    // Starts with the axis that shrinks, which keeps the intermediate result small.
    return height <= x.shape[1] ? columns(rows(x)) : rows(columns(x));
  },
});

/**
 * Interpolates, or applies the transposed linear map, which is the gradient of interpolation. Exact on every backend.
 *
 * @param x `[N,H,W,C]`, of the small or large size as `direction` says
 * @param from size before interpolation
 * @param to size after interpolation
 * @param alignment which input coordinate an output pixel reads
 * @param direction `forward`: from → to; `backward`: the gradient, to → from
 * @returns `[N,h,w,C]`
 */
export function interpolate(
  x: tf.Tensor4D,
  from: readonly [number, number],
  to: readonly [number, number],
  alignment: Alignment,
  direction: "forward" | "backward",
): tf.Tensor4D {
  if (from[0] === to[0] && from[1] === to[1]) return x.clone();
  return interpolateImageOp.run({ x }, { from, to, alignment, direction });
}
