import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { pixelCorrelation } from "../../../../plugins/wsss/pcm/pcm.ts";
import { eachBackend } from "../../../backends.ts";
import {
  assertNear,
  build,
  type Maps,
  numericalGradient,
  randomMaps,
} from "../../losses/numeric.ts";
import { tensorOf } from "../../losses/setup.ts";

const EPSILON = 1e-5;

/** The author code's `PCM` in float64, as plain loops. */
function reference(cam: Maps, features: Maps): Maps {
  const [, height, width, classes] = cam.shape;
  const pixels = height * width, depth = features.shape[3];
  const vector = (n: number, i: number) => {
    const start = (n * pixels + i) * depth;
    const values = features.data.subarray(start, start + depth);
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return values.map((value) => value / (length + EPSILON));
  };
  const vectors = Array.from(
    { length: cam.shape[0] },
    (_, n) => Array.from({ length: pixels }, (_, i) => vector(n, i)),
  );
  return build(cam.shape, (n, j, k) => {
    let sum = 0, total = 0;
    for (let i = 0; i < pixels; i++) {
      const product = vectors[n]![i]!.reduce((s, value, d) => s + value * vectors[n]![j]![d]!, 0);
      const affinity = Math.max(product, 0);
      sum += affinity * cam.data[(n * pixels + i) * classes + k]!;
      total += affinity;
    }
    return sum / (total + EPSILON);
  });
}

const cam = randomMaps("cam", [2, 3, 5, 4], [0, 1]);
const features = randomMaps("features", [2, 3, 5, 6]);
const factors = randomMaps("factors", cam.shape);
const slope = numericalGradient(
  (data) =>
    reference(cam, { ...features, data }).data
      .reduce((sum, value, i) => sum + value * factors.data[i]!, 0),
  features.data,
);

eachBackend("pixelCorrelation and its gradient are right", async () => {
  const [c, f, w] = [tensorOf(cam), tensorOf(features), tensorOf(factors)];
  const before = tf.memory().numTensors;
  const y = pixelCorrelation(c, f);
  assertNear(await y.data<"float32">(), reference(cam, features).data, 2e-6, "value");
  const gradient = tf.grad((f) => pixelCorrelation(c, f as tf.Tensor4D).mul(w).sum())(f);
  assertNear(await gradient.data<"float32">(), slope, 2e-5, "gradient");
  tf.dispose([y, gradient]);
  assertEquals(tf.memory().numTensors, before);
  tf.dispose([c, f, w]);
});

eachBackend("pixelCorrelation and its gradient do not depend on the blocks", async () => {
  const [c, f, w] = [tensorOf(cam), tensorOf(features), tensorOf(factors)];
  const before = tf.memory().numTensors;
  // Two samples of 15 pixels: a row of A takes 120 bytes. One row per block, four (and a rest of three), all but one.
  for (const blockBytes of [1, 480, 120 * 14]) {
    const y = pixelCorrelation(c, f, blockBytes);
    assertNear(await y.data<"float32">(), reference(cam, features).data, 2e-6, "value");
    const gradient = tf.grad((f) => pixelCorrelation(c, f as tf.Tensor4D, blockBytes).mul(w).sum())(
      f,
    );
    assertNear(await gradient.data<"float32">(), slope, 2e-5, "gradient");
    tf.dispose([y, gradient]);
  }
  assertEquals(tf.memory().numTensors, before);
  tf.dispose([c, f, w]);
});

eachBackend(
  "pixelCorrelation makes no array of pixels x pixels where that is large",
  async (backend) => {
    const [c, f] = [tf.ones<tf.Rank.R4>([1, 9, 11, 2]), tf.ones<tf.Rank.R4>([1, 9, 11, 3])];
    const row = 4 * 99;
    const { kernels } = await tf.profile(() =>
      tf.tidy(() => void pixelCorrelation(c, f, 10 * row))
    );
    const largest = kernels.flatMap(({ outputShapes }) => outputShapes)
      .filter((shape) => shape.at(-1) === 99)
      .map((shape) => tf.util.sizeFromShape(shape));
    // On webgpu not even a block of it.
    assertEquals(Math.max(0, ...largest), backend === "webgpu" ? 0 : 10 * 99);
    tf.dispose([c, f]);
  },
);

eachBackend(
  "on webgpu no array of pixelCorrelation or its gradient grows faster than the pixels",
  async (backend) => {
    if (backend !== "webgpu") return;
    const [c, f] = [tf.ones<tf.Rank.R4>([2, 9, 11, 2]), tf.ones<tf.Rank.R4>([2, 9, 11, 7])];
    const { kernels } = await tf.profile(() =>
      tf.tidy(() => void tf.grad((f) => pixelCorrelation(c, f as tf.Tensor4D))(f))
    );
    const sizes = kernels.flatMap(({ outputShapes }) => outputShapes)
      .map((shape) => tf.util.sizeFromShape(shape));
    assertEquals(Math.max(...sizes), 2 * 99 * 7);
    tf.dispose([c, f]);
  },
);

eachBackend("pixelCorrelation survives pixels without features", async () => {
  const empty = build(
    features.shape,
    (n, i, d) => i === 4 ? 0 : features.data[(n * 15 + i) * 6 + d]!,
  );
  const [c, f] = [tensorOf(cam), tensorOf(empty)];
  const y = await pixelCorrelation(c, f).data<"float32">();
  assertNear(y, reference(cam, empty).data, 2e-6, "value");
  const gradient = await tf.grad((f) => pixelCorrelation(c, f as tf.Tensor4D).sum())(f)
    .data<"float32">();
  assert(gradient.every(Number.isFinite), "the gradient is not finite");
  assertEquals([...gradient.slice(4 * 6, 5 * 6)], [0, 0, 0, 0, 0, 0]);
  tf.dispose([c, f]);
});

eachBackend("pixelCorrelation gives the CAM no gradient", () => {
  const [c, f] = [tf.variable(tensorOf(cam)), tf.variable(tensorOf(features))];
  const { grads, value } = tf.variableGrads(
    () =>
      pixelCorrelation(c as tf.Tensor as tf.Tensor4D, f as tf.Tensor as tf.Tensor4D)
        .sum() as tf.Scalar,
    [c, f],
  );
  assertEquals(Object.keys(grads), [f.name]);
  tf.dispose([grads, value, c, f]);
});
