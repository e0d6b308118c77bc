import * as tf from "@tensorflow/tfjs";
import { resizeBilinear } from "../../ops/interpolate/resize_bilinear.ts";
import { withoutGradient } from "../../ops/gradient/without_gradient.ts";

/** How {@linkcode pixelAdaptive} refines. */
export interface PixelAdaptiveOptions {
  /** Distances of the eight neighbours that a pixel reads, in pixels. */
  readonly dilations: readonly number[];
  /** How often it reads them. */
  readonly iterations: number;
  /** A neighbour as far off in colour as so many standard deviations of all neighbours reads with weight exp(-1), before weights are normalised. */
  readonly colour: number;
  /** Weight of nearness beside that of colour. */
  readonly position: number;
}

/** What AFA's and ToCo's authors set. */
export const PIXEL_ADAPTIVE: PixelAdaptiveOptions = {
  dilations: [1, 2, 4, 8, 12, 24],
  iterations: 10,
  colour: 0.3,
  position: 0.01,
};

/** Keeps quotients of flat parts finite. */
const EPSILON = 1e-8;

/** Row and column steps to the eight neighbours, in the order of the authors' kernels. */
const NEIGHBOURS = [[-1, -1], [-1, 0], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 0], [1, 1]] as const;

/** A map with its border repeated along an axis. */
function extended(x: tf.Tensor4D, axis: 1 | 2, by: number): tf.Tensor4D {
  const last = x.shape[axis] - 1, at = (i: number) => axis === 1 ? [0, i, 0, 0] : [0, 0, i, 0];
  const size = axis === 1 ? [-1, 1, -1, -1] : [-1, -1, 1, -1];
  // A sum that broadcasts: tfjs's tile goes element by element on wasm.
  const times = tf.zeros(axis === 1 ? [1, by, 1, 1] : [1, 1, by, 1]);
  const border = (i: number) => tf.add<tf.Tensor4D>(tf.slice(x, at(i), size), times);
  return tf.concat([border(0), x, border(last)], axis);
}

/** All neighbours of every pixel: for each dilation the eight of them; beyond the border its pixels again. */
function neighboursOf(x: tf.Tensor4D, dilations: readonly number[]): tf.Tensor4D[] {
  return tf.tidy(() => {
    const [, height, width] = x.shape, most = Math.max(...dilations);
    const wide = extended(extended(x, 1, most), 2, most);
    // Slices of what is in memory once: gathering rows and columns takes five times as long on wasm.
    return dilations.flatMap((dilation) =>
      NEIGHBOURS.map(([row, column]) =>
        tf.slice(wide, [0, most + row * dilation, most + column * dilation, 0], [
          -1,
          height,
          width,
          -1,
        ])
      )
    );
  });
}

/** Standard deviation, PyTorch's unbiased one. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** `[K]`: how much nearness says for each neighbour; the same at every pixel. */
function weightsOfPosition({ dilations, colour }: PixelAdaptiveOptions): tf.Tensor1D {
  const distances = dilations.flatMap((dilation) =>
    NEIGHBOURS.map(([row, column]) => dilation * Math.hypot(row, column))
  );
  const scale = (deviation(distances) + EPSILON) * colour;
  return tf.softmax(tf.tensor1d(distances.map((distance) => -((distance / scale) ** 2))));
}

/** `[N,h,w,K]`: how much every pixel reads of each neighbour; sums to 1 + position. */
function weightsOf(image: tf.Tensor4D, options: PixelAdaptiveOptions): tf.Tensor4D {
  return tf.tidy(() => {
    const { colour, position } = options;
    const around = neighboursOf(image, options.dilations);
    const mean = tf.div(tf.addN(around), around.length);
    const squares = tf.addN(around.map((one) => tf.square(tf.sub(one, mean))));
    const spread = tf.sqrt(tf.div(squares, around.length - 1));
    const scale = tf.mul(tf.add(spread, EPSILON), colour);
    const squaresOff = tf.concat(
      around.map((one) => tf.square(tf.div(tf.sub(one, image), scale))),
      3,
    );
    // The mean over channels, as a product: reductions of three numbers each are slow.
    const [samples, height, width, channels] = image.shape;
    const mean3 = tf.fill([channels, 1], -1 / channels);
    const alike = tf.reshape<tf.Rank.R4>(
      tf.matMul(tf.reshape<tf.Rank.R2>(squaresOff, [-1, channels]), mean3 as tf.Tensor2D),
      [samples, height, width, around.length],
    );
    return tf.add<tf.Tensor4D>(
      tf.softmax(alike),
      tf.mul(weightsOfPosition(options), position),
    );
  });
}

/**
 * Pixel-adaptive refinement, PAR (Ru et al., "Learning Affinity from Attention", CVPR 2022; author code rulixiang/afa and ToCo,
 * `PAR.py`): scores flow, a few times, from neighbours at several distances, the more the more alike they are in colour. It is made of
 * operations that every backend has, and records no gradient, so that it may run within a training step.
 *
 * @param image `[N,h,w,3]` float32 of any scale: colours count by their spread around each pixel
 * @param scores `[N,h',w',K]` float32; resized to the image (bilinear, corners aligned) where they have another size
 * @param options {@linkcode PIXEL_ADAPTIVE} unless given
 * @returns `[N,h,w,K]`; scores of sum 1 come to sum to (1 + position)^iterations
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assert } from "@std/assert";
 * import { pixelAdaptive } from "seamstress/wsss";
 * await tf.setBackend("cpu");
 * // Two colours side by side: the score of one pixel reaches those of its colour.
 * const image = tf.tensor4d([0, 0, 0, 1, 1, 1].flatMap((v) => [v, v, v]), [1, 1, 6, 3]);
 * const scores = tf.tensor4d([1, 0, 0, 0, 0, 0], [1, 1, 6, 1]);
 * const [a, b, c, d] = pixelAdaptive(image, scores, { dilations: [1, 2], iterations: 3, colour: 0.3, position: 0 }).dataSync();
 * assert(a! > 0.1 && b! > 0.1 && c! > 10 * d!);
 * ```
 */
export function pixelAdaptive(
  image: tf.Tensor4D,
  scores: tf.Tensor4D,
  options: PixelAdaptiveOptions = PIXEL_ADAPTIVE,
): tf.Tensor4D {
  const [, height, width] = image.shape;
  return withoutGradient(() =>
    tf.tidy(() => {
      const weights = tf.split(weightsOf(image, options), 8 * options.dilations.length, 3);
      let refined = scores.shape[1] === height && scores.shape[2] === width
        ? scores
        : resizeBilinear(scores, [height, width], true);
      for (let i = 0; i < options.iterations; i++) {
        const before = refined;
        refined = tf.tidy(() =>
          tf.addN(
            neighboursOf(before, options.dilations).map((one, k) =>
              tf.mul<tf.Tensor4D>(one, weights[k]!)
            ),
          )
        );
        if (before !== scores) before.dispose();
      }
      return refined;
    })
  );
}
