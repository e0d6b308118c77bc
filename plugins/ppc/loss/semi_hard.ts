import * as tf from "@tensorflow/tfjs";
import { largestOf } from "seamstress/ops";

/** Which part of a ranking is taken: of the hardest ones, the easier. */
export interface SemiHard {
  /** Part that counts as hard, 0.6 in the author code. */
  readonly hardest: number;
  /** Part that is used: the least hard of these, 0.5 in the author code. */
  readonly used: number;
}

/**
 * Marks the prototypes that each pixel is pushed from: those most like it but for the very most, which may well be of its own class; its
 * own class is not taken out. Of 21 the fourth to the thirteenth.
 *
 * @param similarity `[M,K]` of pixels and prototypes
 * @param part of the K prototypes, the number of hard ones rounded up, of used ones down
 * @returns `[M,K]` of 0 and 1
 */
export function semiHardPrototypes(similarity: tf.Tensor2D, part: SemiHard): tf.Tensor2D {
  const count = similarity.shape[1];
  // 0.6 times 5 is more than 3 in floating point.
  const hard = Math.ceil(part.hardest * count - 1e-9);
  const used = Math.floor(part.used * count + 1e-9);
  return tf.sub(largestOf(similarity, hard), largestOf(similarity, hard - used));
}

/** For every pixel, how many pixels of its class have a lower value, or the same and stand before it. `[M]` */
function rankWithin(classes: tf.Tensor2D, values: tf.Tensor1D): tf.Tensor1D {
  // Matrices of M x M: 16 MB each for eight images of 16x16.
  return tf.tidy(() => {
    const own = tf.expandDims(values, 1), others = tf.expandDims(values, 0);
    const places = tf.range(0, values.size, 1, "float32");
    const before = tf.logicalAnd(
      tf.equal(others, own),
      tf.less(tf.expandDims(places, 0), tf.expandDims(places, 1)),
    );
    const lower = tf.cast(tf.logicalOr(tf.less(others, own), before), "float32");
    return tf.sum(tf.mul(tf.matMul(classes, classes, false, true), lower), 1);
  });
}

/** Which pixels of a class count. */
export type PixelChoice = "random-and-hard" | "hard" | "all";

/**
 * Chooses pixels class by class: of n pixels the ⌊n·hardest⌋ that are least like their prototype, but for the hardest of these, so that
 * ⌊n·used⌋ are left; and as many drawn at random, so that a pixel may count twice. Their weights are such that the weighted sum is the
 * mean over the classes that have pixels, each the mean over its chosen ones. A class of a single pixel adds nothing, and counts.
 *
 * @param classes `[M,K]`, each pixel's class
 * @param similarity `[M]` of each pixel and its prototype
 * @param choice which pixels count
 * @param part the hard ones
 * @param draw M numbers, by which pixels are drawn: those with the lowest
 * @returns `[M]` weights
 */
export function pixelWeights(
  classes: tf.Tensor2D,
  similarity: tf.Tensor1D,
  choice: PixelChoice,
  { hardest, used }: SemiHard,
  draw: () => tf.Tensor1D,
): tf.Tensor1D {
  const counts = tf.sum(classes, 0, true);
  const there = tf.sum(tf.cast(tf.greater(counts, 0), "float32"));
  /** A part of the pixels of each one's class, rounded down; products may end a little below an integer. */
  const partOf = (part: number) =>
    tf.floor<tf.Tensor1D>(tf.add(tf.sum(tf.mul(classes, tf.mul(counts, part)), 1), 1e-3));
  const size = partOf(1), half = partOf(used), hard = partOf(hardest);
  const below = (rank: tf.Tensor1D, end: tf.Tensor1D) => tf.cast(tf.less(rank, end), "float32");
  const drawn = () => below(rankWithin(classes, draw()), half);
  const semiHard = () => {
    const rank = rankWithin(classes, similarity);
    return tf.sub(below(rank, hard), below(rank, tf.sub(hard, half)));
  };
  const [chosen, number] = choice === "all"
    ? [tf.onesLike(size), size]
    : choice === "hard"
    ? [semiHard(), half]
    : [tf.add(semiHard(), drawn()), tf.mul<tf.Tensor1D>(half, 2)];
  return tf.div(chosen, tf.mul(tf.maximum(number, 1), there));
}
