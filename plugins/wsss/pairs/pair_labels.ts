import * as tf from "@tensorflow/tfjs";
import { firstPixels, secondPixels } from "../../ops/pair_distance/pixels.ts";
import { pairOffsets } from "./pairs.ts";

/** What is known of a pair: both background, both of one class, or of different ones. */
export type PairKind = "background" | "foreground" | "negative";

/** 1 for the pairs of a kind, else 0: `[N,h',w',P]` float32, laid out as the head's affinities. */
export type PairLabels = Readonly<Record<PairKind, tf.Tensor4D>>;

/** Label of pixels about which nothing is known. */
const IGNORED = 255;

/**
 * Sorts the pixel pairs of label maps. A pair with an ignored pixel is of no kind. Author code psa, `voc12/data.py`,
 * `ExtractAffinityLabelInRadius`.
 *
 * @param labels `[N,h,w]` of the feature map's size: 0 background, 255 ignored
 * @param radius that fits the map, >= 2
 * @returns which pairs are of which kind
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { pairLabels } from "seamstress/wsss";
 * const { background, foreground, negative } = pairLabels(
 *   tf.tensor3d([0, 4, 4, 255, 4, 0], [1, 2, 3], "int32"),
 *   2,
 * );
 * // From the 4 in the middle to the right, and to the three below.
 * assertEquals([...background.dataSync()], [0, 0, 0, 0]);
 * assertEquals([...foreground.dataSync()], [1, 0, 1, 0]);
 * assertEquals([...negative.dataSync()], [0, 0, 0, 1]);
 * ```
 */
export function pairLabels(labels: tf.Tensor3D, radius: number): PairLabels {
  return tf.tidy(() => {
    const map = tf.expandDims<tf.Tensor4D>(tf.cast(labels, "float32"), 3);
    const first = firstPixels(map, radius);
    const second = tf.concat(pairOffsets(radius).map((o) => secondPixels(map, radius, o)), 3);
    // In floats: webgpu leaves a comparison's result in integers, whatever it is cast to.
    const known = (x: tf.Tensor4D) => tf.step(tf.sub(IGNORED, x));
    const pairs = tf.mul<tf.Tensor4D>(known(first), known(second));
    const negative = tf.mul<tf.Tensor4D>(pairs, tf.step(tf.abs(tf.sub(first, second))));
    const same = tf.sub<tf.Tensor4D>(pairs, negative);
    const foreground = tf.mul<tf.Tensor4D>(same, tf.step(first));
    return { background: tf.sub(same, foreground), foreground, negative };
  });
}

/**
 * Name of the target that holds the labels of pairs of a kind.
 *
 * @param kind of pairs
 * @returns the target's name
 */
export function pairTarget(kind: PairKind): string {
  return `affinity_${kind}`;
}

/**
 * Labels of pairs as the targets that losses find them by.
 *
 * @param labels which pairs are of which kind
 * @returns them by {@linkcode pairTarget}
 */
export function pairTargets(
  { background, foreground, negative }: PairLabels,
): Readonly<Record<string, tf.Tensor4D>> {
  return {
    [pairTarget("background")]: background,
    [pairTarget("foreground")]: foreground,
    [pairTarget("negative")]: negative,
  };
}
