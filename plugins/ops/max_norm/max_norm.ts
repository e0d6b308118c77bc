import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { like } from "../define/shapes.ts";
import { maxOne, minOne } from "../max_one/max_one.ts";
import { offsetOf } from "../wasm/heap.ts";
import { type MapsOnHeap, maxNormGradientOnHeap, maxNormOnHeap } from "./on_heap.ts";

/** Attributes of both ops. */
interface Attributes {
  readonly epsilon: number;
}

/** Where a kernel finds its maps. */
function mapsOf({ shape: [samples, height, width, classes] }: {
  readonly shape: readonly [number, number, number, number];
}, x: number): MapsOnHeap {
  return { samples, pixels: height * width, classes, x };
}

/**
 * Every class's map scaled to 0..1 by its own extremes: p = relu(x); relu(p − min − ε) / (max − min + ε). Composed, this is eight passes
 * over memory, and its gradient some twenty, of which two transpose the maps for each extreme; the kernels on wasm make two and two.
 * To see it: bench/wasm_kernels.bench.ts.
 */
export const maxNormOp = defineOp({
  name: "MaxNorm",
  summary: "maps scaled to 0..1 by their own extremes",
  inputs: { x: "[N,H,W,K]" },
  attributes: attributesOf<Attributes>(),
  output: "[N,H,W,K]",
  shape: ({ x }) => like(x),
  wasm({ x }, { epsilon }, { backend }) {
    const out = backend.makeOutput(x.shape, "float32");
    const maps = mapsOf(x, offsetOf(backend, x));
    maxNormOnHeap(backend, maps, epsilon, offsetOf(backend, out));
    return out;
  },
  compose({ x }, { epsilon }) {
    const positive = tf.relu(x);
    const max = maxOne(positive, [1, 2], true);
    const min = minOne(positive, [1, 2], true);
    const above = tf.relu(tf.sub(tf.sub(positive, min), epsilon));
    return tf.div<tf.Tensor4D>(above, tf.add(tf.sub(max, min), epsilon));
  },
  gradient: {
    saves: ["x"],
    towards: (dy, { x }, attributes) => ({
      x: () => maxNormGradientOp.run({ x, dy }, attributes),
    }),
    compositionByParts: true,
  },
});

/** Gradient of {@linkcode maxNormOp} towards `x`; that of extremes goes to the first pixel that has them. */
export const maxNormGradientOp = defineOp({
  name: "MaxNormGradient",
  summary: "gradient of maps scaled by their own extremes",
  inputs: { x: "[N,H,W,K]", dy: "[N,H,W,K]" },
  attributes: attributesOf<Attributes>(),
  output: "[N,H,W,K]",
  shape: ({ x }) => like(x),
  wasm({ x, dy }, { epsilon }, { backend }) {
    const out = backend.makeOutput(x.shape, "float32");
    const maps = mapsOf(x, offsetOf(backend, x));
    const [slopes, to] = [dy, out].map((tensor) => offsetOf(backend, tensor));
    maxNormGradientOnHeap(backend, maps, slopes!, epsilon, to!);
    return out;
  },
});
