import * as tf from "@tensorflow/tfjs";
import { inference, type Taps } from "seamstress";
import { resizeBilinear } from "seamstress/ops";
import { classifierTap, type Model } from "seamstress/wsss";

/**
 * Class maps at the size of the classifier's tap. Heads give maps of the size of the image that they are handed: here that is the
 * image, reduced to the tap's size.
 *
 * @param model the network
 * @param taps the backbone's
 * @param image `[N,H,W,3]` float32, normalised
 * @param output the head's, with the background first
 * @returns `[N,h,w,1+C]` raw scores
 */
export function classMaps(
  { backbone, head, params }: Model,
  taps: Taps,
  image: tf.Tensor4D,
  output: string,
): tf.Tensor4D {
  const [, height, width] = taps[classifierTap(backbone.taps).name]!.shape;
  const small = resizeBilinear(image, [height, width], true);
  return head.forward(taps, small, params, inference)[output]!;
}

/**
 * Counts the channels of the classifier's tap that speak for a class: whose growth makes its map grow. Of a linear classifier, its
 * positive weights.
 *
 * @param model the network
 * @param image `[N,H,W,3]` float32, normalised
 * @param output the head's
 * @param channel of the class in it
 * @returns a scalar: the mean over the tap's positions
 */
export function channelsFor(
  model: Model,
  image: tf.Tensor4D,
  output: string,
  channel: number,
): tf.Scalar {
  return tf.tidy(() => {
    const { name } = classifierTap(model.backbone.taps);
    const taps = model.taps(image, inference);
    const [samples, height, width] = taps[name]!.shape;
    const slope = tf.grad((tap) => {
      const maps = classMaps(model, { ...taps, [name]: tap as tf.Tensor4D }, image, output);
      return tf.sum(tf.slice(maps, [0, 0, 0, channel], [-1, -1, -1, 1]));
    })(taps[name]!);
    return tf.div(tf.sum(tf.step(slope)), samples * height * width).asScalar();
  });
}
