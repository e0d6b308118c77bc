import * as tf from "@tensorflow/tfjs";
import { inference, userError } from "seamstress";
import { withoutGradient } from "seamstress/ops";
import { absoluteDifference, type Model } from "seamstress/wsss";
import { channelsFor, classMaps } from "./class_maps.ts";

/** How an image is climbed. */
export interface ClimbOptions {
  /** Head output that gives class maps, the background first. */
  readonly output: string;
  /** ξ: what the gradient, divided by its largest element, is multiplied by. */
  readonly stepSize: number;
  /** λ: weight of what changes where the class was found already. */
  readonly regularize: number;
  /** τ: part of its maximum above which a region counts as found. */
  readonly threshold: number;
}

/** Added to the gradient's largest element. */
const TINY = 1e-12;

/** What a step gives. */
interface Step {
  /** `[h,w]`: the region of the class, that of the mirror image turned back and added. */
  readonly region: tf.Tensor2D;
  /** The image, climbed. */
  readonly next?: tf.Tensor4D;
}

/** A class of an image, and what stays the same while it is climbed. */
interface Target {
  readonly model: Model;
  /** From 0, without the background. */
  readonly class: number;
  /** Channels that speak for the class. */
  readonly channels: tf.Scalar;
  readonly options: ClimbOptions;
}

/**
 * The region of a class as the authors' Grad-CAM computes it. On a linear classifier it is relu(map) times a number: the tap's gradient
 * is the weight wherever the map is above 0, its sum over an image is divided by how many of its elements are above 0 in the whole
 * batch. Both counts are constant in the gradient.
 *
 * @param own `[N,h,w,1]`: relu of the class's maps; the second sample, where there is one, is the mirror image
 */
function regionOf(own: tf.Tensor4D, channels: tf.Scalar): tf.Tensor2D {
  const [samples, height, width] = own.shape;
  const share = withoutGradient(() => {
    const active = tf.sum(tf.step(own), [1, 2], true);
    const all = tf.maximum(tf.mul(tf.sum(active), channels), TINY);
    return tf.div<tf.Tensor4D>(active, all);
  });
  const weighted = tf.mul<tf.Tensor4D>(own, share);
  const view = (at: number) => tf.slice(weighted, at, 1);
  const whole = samples === 1 ? weighted : tf.add(view(0), tf.reverse(view(1), 2));
  return tf.reshape(whole, [height, width]);
}

/** Regions of the class, and the value that the image is climbed up: what is `first` has no effect on the first step. */
function objective(
  image: tf.Tensor4D,
  { model, class: c, channels, options }: Target,
  first: tf.Tensor2D | undefined,
): { region: tf.Tensor2D; value: tf.Scalar } {
  const { output, regularize, threshold } = options;
  const scores = classMaps(model, model.taps(image, inference), image, output);
  const maps = tf.relu(tf.slice(scores, [0, 0, 0, 1]));
  const own = tf.slice(maps, [0, 0, 0, c], [-1, -1, -1, 1]);
  const region = regionOf(own, channels);
  const logits = tf.sum(tf.mean(maps, [1, 2]));
  const logit = tf.sum(tf.mean(own, [1, 2]));
  const rise = tf.sub(tf.mul(logit, 2), logits);
  if (first === undefined) return { region, value: rise.asScalar() };
  const found = withoutGradient(() =>
    tf.cast<tf.Tensor2D>(tf.greater(region, tf.mul(tf.max(region), threshold)), "float32")
  );
  const changed = tf.sum(tf.mul(absoluteDifference(region, first), found));
  return { region, value: tf.sub(rise, tf.mul(changed, regularize)).asScalar() };
}

/** One step: the region, and the image climbed unless it is the last. */
function step(
  image: tf.Tensor4D,
  target: Target,
  first: tf.Tensor2D | undefined,
  last: boolean,
): Step {
  return tf.tidy(() => {
    if (last) return { region: objective(image, target, first).region };
    let region: tf.Tensor2D | undefined;
    try {
      const grad = tf.grad((x) => {
        const { region: found, value } = objective(x as tf.Tensor4D, target, first);
        region = tf.keep(found.clone());
        return value;
      })(image);
      const scaled = tf.div(grad, tf.add(tf.max(tf.abs(grad)), TINY));
      const moved = tf.add(image, tf.mul(scaled, target.options.stepSize));
      const next = tf.minimum<tf.Tensor4D>(tf.maximum(moved, tf.min(image)), tf.max(image));
      return { region: region!.clone(), next };
    } finally {
      region?.dispose();
    }
  });
}

/**
 * Climbs an image up the score of one of its classes and adds up the class's regions on the way; author code jbeomlee93/AdvCAM,
 * `obtain_CAM_masking.py`. The first region is the image's own; every step goes image ← image + ξ · g / max|g|, within the image's
 * range, with g the gradient of (the class's score − those of the others) − λ · Σ |region − first region| where region > τ · max.
 *
 * @param model the network
 * @param view `[N,H,W,3]` float32, normalised: the image, or it and its mirror image
 * @param c the class, from 0, without the background
 * @param iterations regions that are added up, >= 1: one more than steps
 * @param options of the climb
 * @returns `[h,w]` of the classifier's tap, >= 0
 * @throws {TypeError} where no gradient of the output reaches the image
 */
export function climb(
  model: Model,
  view: tf.Tensor4D,
  c: number,
  iterations: number,
  options: ClimbOptions,
): tf.Tensor2D {
  return tf.tidy(() => {
    const channels = reaching(
      options.output,
      () => channelsFor(model, view, options.output, 1 + c),
    );
    const target: Target = { model, class: c, channels, options };
    let image = view;
    let first: tf.Tensor2D | undefined, sum: tf.Tensor2D | undefined;
    for (let i = 0; i < iterations; i++) {
      const { region, next } = reaching(
        options.output,
        () => step(image, target, first, i === iterations - 1),
      );
      if (image !== view) image.dispose();
      if (next) image = next;
      if (first === undefined || sum === undefined) {
        first = region;
        sum = region.clone();
        continue;
      }
      const added = tf.add<tf.Tensor2D>(sum, region);
      tf.dispose([sum, region]);
      sum = added;
    }
    if (!sum) throw new RangeError("Cannot climb without an iteration");
    return sum;
  });
}

/** Says what tfjs means where a function does not depend on its input. */
function reaching<T>(output: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("Cannot compute gradient of y=f(x)")) {
      throw error;
    }
    throw userError(
      new TypeError(
        `Cannot climb an image by output ${output}: no gradient of it reaches the image; output cam of head cam or seam has one`,
        { cause: error },
      ),
    );
  }
}
