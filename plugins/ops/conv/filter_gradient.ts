import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import { offsetOf } from "../wasm/heap.ts";
import { filterGradientOnCpu } from "./cpu.ts";
import { runConvFilterGradient } from "./filter_gradient.wgsl.ts";
import type { ConvGeometry } from "./geometry.ts";
import type { ConvGradientAttributes } from "./gradient_attributes.ts";
import { filterGradientOnHeap } from "./on_heap.ts";
import { tapReader } from "./spatial.ts";
import { filterGradientWork } from "./work.ts";

/** Shape of a convolution's filter. */
export const filterShape = (
  _: object,
  { geometry: { taps, input, output } }: ConvGradientAttributes,
) => floats(...taps, input[3], output[3]);

/**
 * Gradient of a convolution towards its filter. tfjs's kernel on webgpu is one scalar loop over all pixels per output element, a
 * fifth as fast as its forward pass; on wasm tfjs has none, and gradients composed of its ops spend half a training step in
 * StridedSlice and Slice, which copy element by element. To see it: bench/webgpu_kernels.bench.ts, bench/wasm_kernels.bench.ts.
 */
export const convFilterGradientOp = defineOp({
  name: "ConvFilterGradient",
  summary: "gradient of a convolution towards its filter",
  inputs: { x: "[N,H,W,C]", dy: "[N,h,w,D]" },
  attributes: attributesOf<ConvGradientAttributes>(),
  output: "[kh,kw,C,D]",
  shape: filterShape,
  flops: filterGradientWork,
  half: { reads: true },
  webgpu: ({ x, dy }, { geometry }, { backend }) => runConvFilterGradient(backend, x, dy, geometry),
  wasm({ x, dy }, { geometry }, { backend }) {
    const { taps, input, output } = geometry;
    const out = backend.makeOutput([...taps, input[3], output[3]], "float32");
    const [from, slopes, to] = [x, dy, out].map((tensor) => offsetOf(backend, tensor));
    filterGradientOnHeap(backend, from!, slopes!, geometry, to!);
    return out;
  },
  cpu: ({ x, dy }, { geometry }, { backend }) => filterGradientOnCpu(backend, x, dy, geometry),
  compose({ x, dy }, { geometry }) {
    const [kh, kw] = geometry.taps;
    const channels = geometry.input[3], filters = geometry.output[3];
    const read = tapReader(x, geometry);
    const flatDy = dy.reshape<tf.Tensor2D>([-1, filters]);
    const taps: tf.Tensor2D[] = [];
    for (let row = 0; row < kh; row++) {
      for (let column = 0; column < kw; column++) {
        const pixels = read(row, column).reshape<tf.Tensor2D>([-1, channels]);
        taps.push(tf.matMul(pixels, flatDy, true, false));
      }
    }
    return tf.concat(taps, 0).reshape<tf.Tensor4D>([kh, kw, channels, filters]);
  },
});

/**
 * Gradient of a 2-d convolution towards its filter.
 *
 * @param x `[N,H,W,C]`, the convolution's input
 * @param dy `[N,h,w,D]`, gradient of the output
 * @param geometry of the convolution
 * @returns `[kh,kw,C,D]`
 */
export function convFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  return convFilterGradientOp.run({ x, dy }, { geometry });
}
