import * as tf from "@tensorflow/tfjs";
import type { Normalization } from "seamstress";
import { resizeBilinear, withoutGradient } from "seamstress/ops";
import { pixelAdaptive, type PixelAdaptiveOptions } from "seamstress/wsss";

/** Label of what is neither background nor a class for sure. */
export const UNSURE = 255;

/** Score of a class that an image does not show, before a softmax: its probability is 0. */
const ABSENT = -1e4;

/** Scores above which a pixel is a class, and up to which it is background. */
export interface Thresholds {
  readonly high: number;
  readonly low: number;
}

/**
 * Which pixels belong to the photograph: what `random-crop` fills around it after normalising is 0 in all three channels, which no
 * colour of whole numbers becomes.
 *
 * @param image `[N,H,W,3]`, normalised
 * @returns `[N,H,W]` bool
 */
export function insidePhotograph(image: tf.Tensor4D): tf.Tensor3D {
  return tf.tidy(() => tf.any(tf.notEqual(image, 0), 3) as tf.Tensor3D);
}

/** The labels where a condition holds, the unsure one elsewhere. */
const where = (condition: tf.Tensor, labels: tf.Tensor) =>
  tf.where(condition, labels, tf.fill(labels.shape, UNSURE, "int32")) as tf.Tensor3D;

/** Labels inside the photograph: 0 where it is background, else the class where it is one, else the unsure one. */
function sureLabels(
  classes: tf.Tensor,
  { isClass, isBackground, inside }: Readonly<
    Record<"isClass" | "isBackground" | "inside", tf.Tensor>
  >,
): tf.Tensor3D {
  const foreground = where(isClass, classes);
  return where(inside, tf.where(isBackground, tf.zerosLike(foreground), foreground));
}

/**
 * Labels of patches, by their CAM alone (author code `cam_to_label` with `ignore_mid`).
 *
 * @param cam `[N,H,W,C]` of 0..1, absent classes 0
 * @param inside `[N,H,W]` bool
 * @param size rows and columns of the patches
 * @param thresholds between them a patch is unsure
 * @returns `[N,h,w]` int32: 0 background, 1 + class, {@linkcode UNSURE}
 */
export function patchLabels(
  cam: tf.Tensor4D,
  inside: tf.Tensor3D,
  size: readonly [number, number],
  { high, low }: Thresholds,
): tf.Tensor3D {
  return withoutGradient(() => {
    const small = resizeBilinear(cam, size, false);
    const part = resizeBilinear(tf.expandDims(tf.cast(inside, "float32"), 3), size, false);
    const value = tf.max(small, 3);
    const classes = tf.add(tf.cast(tf.argMax(small, 3), "int32"), tf.scalar(1, "int32"));
    return sureLabels(classes, {
      isClass: tf.greater(value, high),
      isBackground: tf.lessEqual(value, low),
      inside: tf.greater(tf.squeeze(part, [3]), 0.5),
    });
  });
}

/** Probabilities `[N,h,w,1+C]` of the classes that an image shows, the background's score a constant. */
function probabilities(cam: tf.Tensor4D, label: tf.Tensor2D, background: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [samples, height, width, classes] = cam.shape;
    const absent = tf.mul(tf.sub(1, label), ABSENT);
    const scores = tf.add<tf.Tensor4D>(cam, tf.reshape(absent, [samples, 1, 1, classes]));
    return tf.softmax(
      tf.concat([tf.fill([samples, height, width, 1], background), scores], 3) as tf.Tensor4D,
    );
  });
}

/** What masks are made of. */
export interface MaskInputs {
  /** `[N,H,W,3]` of 0..1, see {@linkcode coloursOf}. */
  readonly colours: tf.Tensor4D;
  /** `[N,H,W,C]` of 0..1, absent classes 0. */
  readonly cam: tf.Tensor4D;
  /** `[N,C]` in {0,1}. */
  readonly label: tf.Tensor2D;
  /** `[N,H,W]` bool. */
  readonly inside: tf.Tensor3D;
}

/** How masks are made. */
export interface MaskOptions extends Thresholds {
  /** Images and scores are refined at their size divided by this. */
  readonly reduce: number;
  readonly refinement: PixelAdaptiveOptions;
}

/**
 * Colours of a normalised image.
 *
 * @param image `[N,H,W,3]`
 * @param normalization what it was normalised by
 * @returns `[N,H,W,3]` of 0..1
 */
export function coloursOf(image: tf.Tensor4D, { mean, std }: Normalization): tf.Tensor4D {
  return tf.add(tf.mul(image, tf.tensor1d([...std])), tf.tensor1d([...mean]));
}

/**
 * Masks to learn segmentation from (author code `refine_cams_with_bkg_v2`): scores against a strong and a weak background, each refined by
 * the image (PAR). What is a class against the strong one is that class, what is background against both is background.
 *
 * @param inputs colours, CAM and label
 * @param options thresholds, which are the backgrounds' scores, and refinement
 * @returns `[N,H,W]` int32: 0 background, 1 + class, {@linkcode UNSURE}
 */
export function refinedMasks(
  { colours, cam, label, inside }: MaskInputs,
  { high, low, reduce, refinement }: MaskOptions,
): tf.Tensor3D {
  return withoutGradient(() => {
    const [, height, width, classes] = cam.shape;
    const size = [
      Math.max(Math.floor(height / reduce), 1),
      Math.max(Math.floor(width / reduce), 1),
    ] as const;
    const small = resizeBilinear(cam, size, false);
    const scores = tf.concat([
      probabilities(small, label, high),
      probabilities(small, label, low),
    ], 3) as tf.Tensor4D;
    const seen = resizeBilinear(colours, size, false);
    const refined = resizeBilinear(pixelAdaptive(seen, scores, refinement), [height, width], false);
    const [strong, weak] = [0, 1 + classes].map((from) =>
      tf.cast(tf.argMax(tf.slice(refined, [0, 0, 0, from], [-1, -1, -1, 1 + classes]), 3), "int32")
    ) as [tf.Tensor3D, tf.Tensor3D];
    return sureLabels(strong, {
      isClass: tf.greater(strong, 0),
      isBackground: tf.equal(tf.add(strong, weak), 0),
      inside,
    });
  });
}
