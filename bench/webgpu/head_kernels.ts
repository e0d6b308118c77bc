import * as tf from "@tensorflow/tfjs";
import { maxOne } from "../../plugins/ops/max_one/max_one.ts";
import { resizeBilinear } from "../../plugins/ops/interpolate/resize_bilinear.ts";
import { meanOfLargest } from "../../plugins/ops/select_largest/mean_of_largest.ts";
import { pixelCorrelation } from "../../plugins/wsss/pcm/pcm.ts";
import type { Case } from "./measure.ts";

const CLASSES = 21, FEATURES = 192, EPSILON = 1e-5;

let seed = 0;

function random<R extends tf.Rank>(shape: readonly number[]): tf.Tensor<R> {
  return tf.keep(tf.randomNormal([...shape] as tf.ShapeMap[R], 0, 1, "float32", ++seed));
}

/** The pixel correlation module as its equation reads: plain products with the matrix of pixels x pixels. */
function plainCorrelation(cam: tf.Tensor4D, features: tf.Tensor4D): tf.Tensor4D {
  const [samples, height, width, classes] = cam.shape;
  const pixels = height * width;
  const f = features.reshape<tf.Tensor3D>([samples, pixels, features.shape[3]]);
  const unit = tf.div<tf.Tensor3D>(f, tf.add(tf.norm(f, 2, 2, true), EPSILON));
  const affinity = tf.relu(tf.matMul(unit, unit, false, true));
  const even = tf.div<tf.Tensor3D>(affinity, tf.add(tf.sum(affinity, 1, true), EPSILON));
  return tf.matMul(even, cam.reshape<tf.Tensor3D>([samples, pixels, classes]), true)
    .reshape(cam.shape);
}

/** Forward, and forward with the gradient, of a function of one tensor. */
function both<T extends tf.Tensor>(
  what: string,
  x: T,
  sides: Readonly<Partial<Record<"stock" | "composed" | "ours", (x: T) => tf.Tensor>>>,
): Case[] {
  const entries = Object.entries(sides);
  return [
    {
      name: `${what}, forward`,
      sides: Object.fromEntries(entries.map(([side, f]) => [side, () => void f(x)])),
    },
    {
      name: `${what}, forward and gradient`,
      sides: Object.fromEntries(
        entries.map((
          [side, f],
        ) => [side, () => void tf.grad((x) => f(x as T).sum() as tf.Scalar)(x)]),
      ),
    },
  ];
}

/** What maximum norm, classification, losses and biases reduce. */
function reductionCases(): Case[] {
  const large = random<tf.Rank.R4>([1, 448, 448, CLASSES]);
  const small = random<tf.Rank.R4>([4, 56, 56, CLASSES]);
  const wide = random<tf.Rank.R4>([1, 56, 56, 512]);
  const cases: [string, tf.Tensor, readonly ("max" | "mean" | "sum")[], number[]][] = [
    ["channels", large, ["max", "sum"], [3]],
    ["pixels of an image", large, ["max", "mean"], [1, 2]],
    ["pixels of an image", small, ["max", "mean"], [1, 2]],
    ["pixels of a batch", wide, ["sum"], [0, 1, 2]],
    ["everything", large, ["mean"], [0, 1, 2, 3]],
  ];
  return cases.flatMap(([over, x, ops, axes]) =>
    ops.map((op): Case => {
      const run = () => void tf[op](x, axes);
      return {
        name: `${op} of ${x.shape.join("x")} over ${over}, forward`,
        sides: { stock: run, ours: run },
      };
    })
  );
}

/**
 * What SEAM's head and losses run beside convolutions.
 *
 * @returns cases; tensors are made when this is called
 */
export function headCases(): Case[] {
  const correlation = [28, 56].flatMap((size) => {
    const cam = random<tf.Rank.R4>([1, size, size, CLASSES]);
    const ours = (features: tf.Tensor4D) => pixelCorrelation(cam, features);
    const features = random<tf.Rank.R4>([1, size, size, FEATURES]);
    return both(`PCM ${size}x${size}, ${FEATURES} features, ${CLASSES} classes`, features, {
      stock: (features) => plainCorrelation(cam, features),
      composed: ours,
      ours,
    });
  });
  const resizes = [[56, 448], [448, 134], [448, 56]].flatMap(([from, to]) => {
    const size: [number, number] = [to!, to!];
    const x = random<tf.Rank.R4>([1, from!, from!, CLASSES]);
    const ours = (x: tf.Tensor4D) => resizeBilinear(x, size, true);
    const [forward, gradient] = both(`resize ${from}x${from}x${CLASSES} -> ${to}x${to}`, x, {
      composed: ours,
      ours,
    });
    const stock = () => tf.image.resizeBilinear(x, size, true);
    // tfjs's own gradient is replaced by ours on every side: its kernel is called by name.
    const stockGradient = () => {
      const y = stock();
      const dy = tf.mul(tf.onesLike(y), tf.onesLike(tf.sum(y)));
      tf.engine().runKernel("ResizeBilinearGrad", { images: x, dy }, { alignCorners: true });
    };
    return [
      { ...forward!, sides: { ...forward!.sides, stock: () => void stock() } },
      { ...gradient!, sides: { ...gradient!.sides, stock: stockGradient } },
    ];
  });
  const maps = random<tf.Rank.R4>([1, 134, 134, CLASSES]);
  const maxima = [[1, 2], [3]].flatMap((axes) => {
    const ours = (x: tf.Tensor4D) => maxOne(x, axes);
    const [, gradient] = both(`maximum over axes ${axes} of 134x134x${CLASSES}`, maps, {
      composed: ours,
      ours,
    });
    return [gradient!];
  });
  const reductions = reductionCases();
  const rows = tf.keep(maps.reshape<tf.Tensor2D>([1, -1]));
  const count = Math.floor(rows.size / 5);
  const largest: Case = {
    name: `mean of the ${count} largest of ${rows.size}, forward`,
    sides: {
      stock: () => void tf.mean(tf.topk(rows, count).values),
      ours: () => void meanOfLargest(rows, count),
    },
  };
  return [...correlation, ...resizes, ...maxima, ...reductions, largest];
}
