import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head } from "seamstress";
import { conv2d, maxOne, resizeBilinear } from "seamstress/ops";
import {
  classifierTap,
  foreground,
  pointwise,
  pointwiseSpec,
  torchDefault,
  withBackground,
} from "seamstress/wsss";

const EPSILON = 1e-5;

/**
 * The feature of each class: the mean over the image of the features, weighted by the class's CAM at most 1. The gradient goes through
 * both.
 *
 * @param features `[N,h,w,D]`
 * @param cam `[N,h,w,C]`, raw scores
 * @returns `[N,C,D]`
 */
function classFeatures(features: tf.Tensor4D, cam: tf.Tensor4D): tf.Tensor3D {
  const [samples, height, width, channels] = features.shape;
  const positive = tf.relu(cam);
  const masks = tf.div(positive, tf.add(maxOne(positive, [1, 2], true), EPSILON));
  const rows = (map: tf.Tensor, depth: number) =>
    tf.reshape<tf.Rank.R3>(map, [samples, height * width, depth]);
  const sums = tf.matMul(rows(masks, cam.shape[3]), rows(features, channels), true, false);
  return tf.div(sums, height * width);
}

/**
 * ReCAM's head (Chen et al., CVPR 2022; author code ReCAM, `net/resnet50_cam.py`, `Net_CAM_Feature` and `Class_Predictor`): CAMs, and a
 * second classifier, which tells the classes' features apart. It gives `cam`; `cam_map`, the same at the size of the last tap's map;
 * `class_logits` `[N,1,C,C]`, each class's feature (third axis) scored for every class (fourth); and `recam` at the map's size, ReLU of
 * the map whose weights are those of both classifiers, multiplied.
 */
export const recamHead = definePlugin({
  kind: "head",
  name: "recam",
  summary:
    "class activation maps, and a classifier of each class's own feature that reactivates them",
  options: z.strictObject({}),
  create(_options, { taps, classes }): Head {
    const source = classifierTap(taps);
    const depth = source.channels;
    return {
      outputs: ["cam", "cam_map", "class_logits", "recam"],
      params: [
        pointwiseSpec("fc8", depth, 1 + classes, { kind: "xavier-uniform", gain: 1 }),
        pointwiseSpec("recam", depth, classes, torchDefault(1, depth, classes)),
      ],
      forward: (tensors, image, params) =>
        tf.tidy(() => {
          const features = tensors[source.name]!;
          const map = pointwise(features, params, "fc8");
          const own = classFeatures(features, foreground(map));
          const first = params.get("fc8.weight") as tf.Tensor as tf.Tensor4D;
          const second = params.get("recam.weight") as tf.Tensor as tf.Tensor4D;
          const scored = tf.matMul(
            tf.reshape<tf.Rank.R2>(own, [-1, depth]),
            tf.reshape<tf.Rank.R2>(second, [depth, classes]),
          );
          const both = tf.mul<tf.Tensor4D>(foreground(first), second);
          const reactivated = tf.relu(conv2d(features, both, { pad: 0 }));
          return {
            cam: resizeBilinear(map, [image.shape[1], image.shape[2]], true),
            cam_map: map,
            class_logits: tf.reshape<tf.Rank.R4>(scored, [-1, 1, classes, classes]),
            // The background, which no classifier scores.
            recam: withBackground(reactivated),
          };
        }),
    };
  },
});
