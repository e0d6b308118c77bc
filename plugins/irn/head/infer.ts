import * as tf from "@tensorflow/tfjs";
import { inference, type Raster } from "seamstress";
import { imageBatch, type Model } from "seamstress/wsss";
import type { Boundaries } from "../boundary/boundary_walk.ts";

/**
 * The class boundaries of an image: the mean of the logits of the image and of its mirror image, turned back (the authors'
 * `EdgeDisplacement`).
 *
 * @param model a network with the head `irn`
 * @param image RGB uint8
 * @returns of the map of the head's stride
 */
export async function inferBoundaries(model: Model, image: Raster): Promise<Boundaries> {
  const map = tf.tidy(() => {
    const { boundary } = model.forward(
      imageBatch(image, [false, true], model.backbone.input),
      inference,
    );
    const plain = tf.slice(boundary!, 0, 1), mirrored = tf.reverse(tf.slice(boundary!, 1, 1), 2);
    return tf.sigmoid(tf.div<tf.Tensor4D>(tf.add(plain, mirrored), 2));
  });
  try {
    const [, height, width] = map.shape;
    return { height, width, data: await map.data<"float32">() };
  } finally {
    map.dispose();
  }
}
