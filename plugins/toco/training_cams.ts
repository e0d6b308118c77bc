import * as tf from "@tensorflow/tfjs";
import { inference, type Network } from "seamstress";
import { resizeBilinear, withoutGradient } from "seamstress/ops";

/** Keeps the quotient of an empty map finite. */
const EPSILON = 1e-5;

/** Two maps each of `[N,H,W,C]`: of the classifier, and of the auxiliary one. */
export interface TrainingCams {
  readonly cam: tf.Tensor4D;
  readonly auxiliary: tf.Tensor4D;
}

const side = (length: number, scale: number, multiple: number) =>
  multiple * Math.max(Math.floor(scale * length / multiple), 1);

/** Both CAMs of one scale, side by side: of image and mirror image whichever is larger, without the negative part. */
function camsAt(model: Network, image: tf.Tensor4D, scale: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [, height, width] = image.shape, multiple = model.backbone.sideMultiple ?? 1;
    const size = [side(height, scale, multiple), side(width, scale, multiple)] as const;
    const view = scale === 1 ? image : resizeBilinear(image, size, false);
    const outputs = model.forward(tf.concat([view, tf.reverse(view, 2)], 0), inference);
    const both = tf.concat([outputs["patch_cam"]!, outputs["patch_cam_aux"]!], 3);
    const [straight, mirrored] = tf.split(resizeBilinear(both, [height, width], false), 2, 0);
    return tf.relu(tf.maximum<tf.Tensor4D>(straight!, tf.reverse(mirrored!, 2)));
  });
}

/** Each map to 0..1 by its smallest and largest value. */
function normalised(cams: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const above = tf.sub(cams, tf.min(cams, [1, 2], true));
    return tf.div<tf.Tensor4D>(above, tf.add(tf.max(above, [1, 2], true), EPSILON));
  });
}

/**
 * CAMs that a training learns from: summed over scales, each with its mirror image (author code `utils/camutils.py`,
 * `multi_scale_cam2`). Absent classes are 0. No gradient goes through them.
 *
 * @param model head `toco`; run as in inference
 * @param image `[N,H,W,3]`, normalised
 * @param label `[N,C]` in {0,1}
 * @param scales factors on the image's size; views are cut to whole patches
 * @returns both CAMs, of 0..1
 */
export function trainingCams(
  model: Network,
  image: tf.Tensor4D,
  label: tf.Tensor2D,
  scales: readonly number[],
): TrainingCams {
  const [samples, classes] = label.shape;
  return tf.tidy(() => {
    // Within a training step, too: else every pass would be kept for the backward pass.
    const both = withoutGradient(() => {
      const sum = tf.addN(scales.map((scale) => camsAt(model, image, scale)));
      const present = tf.reshape(tf.concat([label, label], 1), [samples, 1, 1, 2 * classes]);
      return tf.mul<tf.Tensor4D>(normalised(sum), present);
    });
    const [cam, auxiliary] = tf.split<tf.Tensor4D>(both, 2, 3);
    return { cam: cam!, auxiliary: auxiliary! };
  });
}
