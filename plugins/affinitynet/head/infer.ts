import * as tf from "@tensorflow/tfjs";
import { inference } from "seamstress";
import { classifierTap, type Model } from "seamstress/wsss";
import type { PairAffinity } from "../random_walk/transition.ts";

/**
 * The affinities of an image's pixel pairs, as the random walk reads them. The image is padded with zeros, below and to the right,
 * to whole pixels of the feature map; author code psa, `infer_aff.py`.
 *
 * @param model a network with the head `affinity`
 * @param image `[1,H,W,3]` float32, normalised as the backbone wants it
 * @returns of the map of ⌈H/stride⌉ x ⌈W/stride⌉ pixels
 */
export async function inferAffinity(model: Model, image: tf.Tensor4D): Promise<PairAffinity> {
  const { stride } = classifierTap(model.backbone.taps);
  const [, height, width] = image.shape;
  const rows = Math.ceil(height / stride), columns = Math.ceil(width / stride);
  const affinity = tf.tidy(() => {
    const below = rows * stride - height, right = columns * stride - width;
    const padded = tf.pad(image, [[0, 0], [0, below], [0, right], [0, 0]]);
    return model.forward(padded, inference)["affinity"]!;
  });
  try {
    return { height: rows, width: columns, data: await pairRows(affinity) };
  } finally {
    affinity.dispose();
  }
}

/**
 * Reads affinities, or labels of pairs, back in the order of `pixelPairs`: offset by offset, as the authors lay them out.
 *
 * @param pairs `[N,h',w',P]`
 * @returns elements of `[N,P,M]`
 */
export async function pairRows(pairs: tf.Tensor4D): Promise<Float32Array> {
  // Maps too small for pairs: nothing to lay out, and no kernel runs on an empty tensor.
  if (pairs.size === 0) return new Float32Array(0);
  const rows = tf.transpose(pairs, [0, 3, 1, 2]);
  try {
    return await rows.data<"float32">();
  } finally {
    rows.dispose();
  }
}
