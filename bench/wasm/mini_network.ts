import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../../plugins/ops/conv/conv2d.ts";
import { maxOne } from "../../plugins/ops/max_one/max_one.ts";
import { resizeBilinear } from "../../plugins/ops/interpolate/resize_bilinear.ts";
import { withoutGradient } from "../../plugins/ops/gradient/without_gradient.ts";
// The backend that the variables below are made on.
import "./sides.ts";

const BATCH = 8, SIZE = 64, CLASSES = 7;

const shapes: Readonly<Record<string, readonly [number, number, number]>> = {
  c1: [3, 3, 16],
  c2: [3, 16, 32],
  c3: [3, 32, 32],
  c4: [3, 32, 64],
  c5: [3, 64, 64],
  fc8: [1, 64, CLASSES],
  f8_3: [1, 32, 8],
  f8_4: [1, 64, 16],
  f9: [1, 27, 24],
};
const filters: Record<string, tf.Variable<tf.Rank.R4>> = {};
const biases: Record<string, tf.Variable<tf.Rank.R1>> = {};
for (const [name, [k, from, to]] of Object.entries(shapes)) {
  const deviation = Math.sqrt(2 / (k * k * from));
  filters[name] = tf.variable(tf.randomNormal([k, k, from, to], 0, deviation, "float32", 1));
  if (k === 3) biases[name] = tf.variable(tf.zeros([to]));
}
const image = tf.randomNormal<tf.Rank.R4>([BATCH, SIZE, SIZE, 3], 0, 1, "float32", 2);
const label = tf.cast(
  tf.greater(tf.randomUniform([BATCH, CLASSES - 1], 0, 1, "float32", 3), 0.6),
  "float32",
);

function layer(x: tf.Tensor4D, name: string, stride = 1): tf.Tensor4D {
  return tf.relu(tf.add(conv2d(x, filters[name]!, { stride, pad: 1 }), biases[name]!));
}

function backbone(x: tf.Tensor4D) {
  const stem = layer(layer(x, "c1", 2), "c2", 2);
  const t3 = tf.add(layer(stem, "c3"), stem) as tf.Tensor4D;
  const t4 = layer(t3, "c4");
  const z = tf.add(layer(t4, "c5"), t4) as tf.Tensor4D;
  return { t3, t4, cam: conv2d(z, filters["fc8"]!, { pad: 0 }) };
}

function classification(cam: tf.Tensor4D): tf.Scalar {
  const score = tf.slice(tf.mean(cam, [1, 2]), [0, 1], [BATCH, CLASSES - 1]);
  return tf.mean(tf.sub(tf.softplus(score), tf.mul(score, label)));
}

function maxNorm(cam: tf.Tensor4D): tf.Tensor4D {
  const positive = tf.relu(cam);
  return tf.div(positive, tf.add(maxOne(positive, [1, 2], true), 1e-5));
}

/** Pixel correlation module: CAMs averaged over pixels of like features. */
function pcm(
  attachedCam: tf.Tensor4D,
  attachedT3: tf.Tensor4D,
  attachedT4: tf.Tensor4D,
  x: tf.Tensor4D,
): tf.Tensor4D {
  const [cam, t3, t4] = [attachedCam, attachedT3, attachedT4].map((t) =>
    withoutGradient(() => t.clone())
  ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const [n, h, w, c] = cam.shape;
  const features = tf.concat([
    resizeBilinear(x, [h, w], true),
    tf.relu(conv2d(t3, filters["f8_3"]!, { pad: 0 })),
    tf.relu(conv2d(t4, filters["f8_4"]!, { pad: 0 })),
  ], 3);
  const f = conv2d(features, filters["f9"]!, { pad: 0 }).reshape<tf.Tensor3D>([n, h * w, 24]);
  const unit = tf.div(f, tf.add(tf.norm(f, 2, 2, true), 1e-5)) as tf.Tensor3D;
  const affinity = tf.relu(tf.matMul(unit, unit, false, true));
  const even = tf.div(affinity, tf.add(tf.sum(affinity, 1, true), 1e-5)) as tf.Tensor3D;
  return tf.matMul(even, maxNorm(cam).reshape<tf.Tensor3D>([n, h * w, c]), true).reshape([
    n,
    h,
    w,
    c,
  ]);
}

/** @returns the baseline's loss for one batch of the mini world */
export function baseline(): tf.Scalar {
  return classification(backbone(image).cam);
}

/** @returns SEAM's loss for one batch of the mini world */
export function seam(): tf.Scalar {
  const small = resizeBilinear(image, [SIZE / 2, SIZE / 2], true);
  const one = backbone(image), two = backbone(small);
  const size = [two.cam.shape[1], two.cam.shape[2]] as const;
  const rv1 = resizeBilinear(maxNorm(pcm(one.cam, one.t3, one.t4, image)), size, true);
  const rv2 = maxNorm(pcm(two.cam, two.t3, two.t4, small));
  const cam1 = resizeBilinear(maxNorm(one.cam), size, true), cam2 = maxNorm(two.cam);
  const distance = (a: tf.Tensor, b: tf.Tensor) => tf.mean(tf.abs(tf.sub(a, b)));
  return tf.addN([
    classification(one.cam),
    classification(two.cam),
    distance(cam1, cam2),
    distance(cam1, rv2),
    distance(rv1, cam2),
  ]) as tf.Scalar;
}
