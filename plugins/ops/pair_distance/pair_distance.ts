import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats, like } from "../define/shapes.ts";
import { pairDistanceGradientOnHeap, pairDistanceOnHeap } from "./on_heap.ts";
import { firstPixels, firstPixelsSize, placePixels, secondPixels } from "./pixels.ts";

/** Which pixels are compared. */
export interface PairAttributes {
  /** That fits the map, >= 1: offsets reach less far, and from every first pixel stay on the map. */
  readonly radius: number;
  /** Of a pair's second pixel from its first. */
  readonly offsets: readonly (readonly [dy: number, dx: number])[];
}

/**
 * The mean absolute difference of neighbouring pixels, as AffinityNet compares them. Composed, it goes over the map some six times an
 * offset, and its gradient ten times, with tfjs's slow Sign among them; the kernels on wasm read each pair once. To see it:
 * bench/wasm_kernels.bench.ts.
 */
export const pairDistanceOp = defineOp({
  name: "PairDistance",
  summary: "mean absolute differences of neighbouring pixels",
  inputs: { x: "[N,H,W,C]" },
  attributes: attributesOf<PairAttributes>(),
  output: "[N,H,W,P]",
  shape: ({ x: { shape: [samples, height, width] } }, { radius, offsets }) =>
    floats(samples, ...firstPixelsSize(height, width, radius), offsets.length),
  wasm: ({ x }, attributes, { backend }) => pairDistanceOnHeap(backend, x, attributes),
  compose({ x }, { radius, offsets }) {
    const first = firstPixels(x, radius);
    const each = offsets.map((offset) =>
      tf.tidy(() => {
        const apart = tf.abs(tf.sub(secondPixels(x, radius, offset), first));
        return tf.mean<tf.Tensor4D>(apart, 3, true);
      })
    );
    return tf.concat(each, 3);
  },
  gradient: {
    saves: ["x"],
    towards: (dy, { x }, attributes) => ({
      x: () => pairDistanceGradientOp.run({ x, dy }, attributes),
    }),
  },
});

/** Gradient of {@linkcode pairDistanceOp}; computes the differences anew. That of equal values is 0. */
export const pairDistanceGradientOp = defineOp({
  name: "PairDistanceGradient",
  summary: "gradient of mean absolute differences of neighbouring pixels",
  inputs: { x: "[N,H,W,C]", dy: "[N,H,W,P]" },
  attributes: attributesOf<PairAttributes>(),
  output: "[N,H,W,C]",
  shape: ({ x }) => like(x),
  wasm: (inputs, attributes, { backend }) =>
    pairDistanceGradientOnHeap(backend, inputs, attributes),
  compose({ x, dy }, { radius, offsets }) {
    const [, height, width, channels] = x.shape, [samples, rows, columns] = dy.shape;
    const first = firstPixels(x, radius);
    const share = tf.mul<tf.Tensor4D>(dy, 1 / channels);
    const place = (at: tf.Tensor4D, offset: readonly [number, number]) =>
      placePixels(at, [height, width], radius, offset);
    let ofFirst = tf.zerosLike(first), ofSecond = tf.zerosLike(x);
    offsets.forEach((offset, p) => {
      const [nextFirst, nextSecond] = tf.tidy(() => {
        const apart = tf.sign(tf.sub<tf.Tensor4D>(first, secondPixels(x, radius, offset)));
        const slope = tf.mul<tf.Tensor4D>(
          apart,
          tf.slice(share, [0, 0, 0, p], [samples, rows, columns, 1]),
        );
        return [
          tf.add<tf.Tensor4D>(ofFirst, slope),
          tf.sub<tf.Tensor4D>(ofSecond, place(slope, offset)),
        ];
      });
      tf.dispose([ofFirst, ofSecond]);
      [ofFirst, ofSecond] = [nextFirst!, nextSecond!];
    });
    return tf.add<tf.Tensor4D>(ofSecond, place(ofFirst, [0, 0]));
  },
});

/**
 * The mean absolute difference of neighbouring pixels over their channels.
 *
 * @param x `[N,H,W,C]` float32
 * @param attributes which pixels are compared: first ones that have `radius` − 1 rows below them and as many columns on either side,
 *   with those at each offset `[dy, dx]`, 0 <= dy < radius, -radius < dx < radius
 * @returns mean_c |x_i − x_j|, `[N,H-radius+1,W-2·radius+2,P]` by first pixel and offset
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { pairDistance } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const x = tf.tensor4d([0, 1, 3, 0, 2, 7], [1, 2, 3, 1]);
 * // The one first pixel is 1; right of it is 3, below it 2.
 * const apart = pairDistance(x, { radius: 2, offsets: [[0, 1], [1, 0]] });
 * assertEquals([...apart.dataSync()], [2, 1]);
 * ```
 */
export function pairDistance(x: tf.Tensor4D, attributes: PairAttributes): tf.Tensor4D {
  return pairDistanceOp.run({ x }, attributes);
}
