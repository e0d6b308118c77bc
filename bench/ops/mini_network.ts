import * as tf from "@tensorflow/tfjs";
import {
  type BenchCase,
  benchCase,
  conv2d,
  maxOne,
  resizeBilinear,
  withoutGradient,
} from "seamstress/ops";

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
/** Parameters and one batch. */
interface Network {
  readonly filters: Readonly<Record<string, tf.Variable<tf.Rank.R4>>>;
  readonly biases: Readonly<Record<string, tf.Variable<tf.Rank.R1>>>;
  readonly image: tf.Tensor4D;
  readonly label: tf.Tensor;
}

/** Makes the network and a batch on the current backend. */
function makeNetwork(keep: <T extends tf.Tensor>(tensor: T) => T): Network {
  const filters: Record<string, tf.Variable<tf.Rank.R4>> = {};
  const biases: Record<string, tf.Variable<tf.Rank.R1>> = {};
  for (const [name, [k, from, to]] of Object.entries(shapes)) {
    const deviation = Math.sqrt(2 / (k * k * from));
    const drawn = tf.randomNormal<tf.Rank.R4>([k, k, from, to], 0, deviation, "float32", 1);
    filters[name] = keep(tf.variable(drawn));
    if (k === 3) biases[name] = keep(tf.variable(tf.zeros([to])));
  }
  const drawn = tf.randomUniform([BATCH, CLASSES - 1], 0, 1, "float32", 3);
  return {
    ...{ filters, biases },
    image: keep(tf.randomNormal<tf.Rank.R4>([BATCH, SIZE, SIZE, 3], 0, 1, "float32", 2)),
    label: keep(tf.cast(tf.greater(drawn, 0.6), "float32")),
  };
}

function layer(
  { filters, biases }: Network,
  x: tf.Tensor4D,
  name: string,
  stride = 1,
): tf.Tensor4D {
  return tf.relu(tf.add(conv2d(x, filters[name]!, { stride, pad: 1 }), biases[name]!));
}

function backbone(network: Network, x: tf.Tensor4D) {
  const stem = layer(network, layer(network, x, "c1", 2), "c2", 2);
  const t3 = tf.add(layer(network, stem, "c3"), stem) as tf.Tensor4D;
  const t4 = layer(network, t3, "c4");
  const z = tf.add(layer(network, t4, "c5"), t4) as tf.Tensor4D;
  return { t3, t4, cam: conv2d(z, network.filters["fc8"]!, { pad: 0 }) };
}

function classification({ label }: Network, cam: tf.Tensor4D): tf.Scalar {
  const score = tf.slice(tf.mean(cam, [1, 2]), [0, 1], [BATCH, CLASSES - 1]);
  return tf.mean(tf.sub(tf.softplus(score), tf.mul(score, label)));
}

function maxNorm(cam: tf.Tensor4D): tf.Tensor4D {
  const positive = tf.relu(cam);
  return tf.div(positive, tf.add(maxOne(positive, [1, 2], true), 1e-5));
}

/** Pixel correlation module: averages CAMs over pixels with similar features. */
function pcm(
  { filters }: Network,
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

/** The baseline's loss for one batch of data set `mini`. */
function baseline(network: Network): tf.Scalar {
  return classification(network, backbone(network, network.image).cam);
}

/** SEAM's loss for one batch of data set `mini`. */
function seam(network: Network): tf.Scalar {
  const { image } = network;
  const small = resizeBilinear(image, [SIZE / 2, SIZE / 2], true);
  const one = backbone(network, image), two = backbone(network, small);
  const size = [two.cam.shape[1], two.cam.shape[2]] as const;
  const revised = maxNorm(pcm(network, one.cam, one.t3, one.t4, image));
  const rv1 = resizeBilinear(revised, size, true);
  const rv2 = maxNorm(pcm(network, two.cam, two.t3, two.t4, small));
  const cam1 = resizeBilinear(maxNorm(one.cam), size, true), cam2 = maxNorm(two.cam);
  const distance = (a: tf.Tensor, b: tf.Tensor) => tf.mean(tf.abs(tf.sub(a, b)));
  return tf.addN([
    classification(network, one.cam),
    classification(network, two.cam),
    distance(cam1, cam2),
    distance(cam1, rv2),
    distance(rv1, cam2),
  ]) as tf.Scalar;
}

/** Training steps of the mini network, forward and all gradients. */
export const miniSteps: readonly BenchCase[] = ([["baseline", baseline], ["SEAM", seam]] as const)
  .map(([name, loss]) => {
    const run = (network: Network) => {
      const variables = [...Object.values(network.filters), ...Object.values(network.biases)];
      return tf.variableGrads(() => loss(network), variables).grads;
    };
    return benchCase({
      name: `step of the mini network, ${name}, batch ${BATCH}`,
      inputs: ({ keep }) => makeNetwork(keep),
      implementations: { tfjs: run, ours: run },
    });
  });
