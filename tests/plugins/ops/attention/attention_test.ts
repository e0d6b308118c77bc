import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { attend, attentionWeights } from "../../../../plugins/ops/attention/attention.ts";
import { eachBackend } from "../../../backends.ts";
import { assertNear, numericalGradient, randomMaps } from "../../losses/numeric.ts";
import { tensorOf } from "../../losses/setup.ts";

const SAMPLES = 2, HEADS = 2, TOKENS = 3, SOURCES = 4, CHANNELS = 6, WIDTH = CHANNELS / HEADS;

/** The definition, in float64: weights, and what they read. */
function reference(q: Float64Array, k: Float64Array, v: Float64Array) {
  const weights: number[] = [], read = new Float64Array(q.length);
  for (let n = 0; n < SAMPLES; n++) {
    for (let head = 0; head < HEADS; head++) {
      for (let t = 0; t < TOKENS; t++) {
        const at = (n * TOKENS + t) * CHANNELS + head * WIDTH;
        const source = (s: number) => (n * SOURCES + s) * CHANNELS + head * WIDTH;
        const scores = Array.from({ length: SOURCES }, (_, s) => {
          let sum = 0;
          for (let c = 0; c < WIDTH; c++) sum += q[at + c]! * k[source(s) + c]!;
          return Math.exp(sum / Math.sqrt(WIDTH));
        });
        const total = scores.reduce((sum, score) => sum + score, 0);
        scores.forEach((score, s) => {
          weights.push(score / total);
          for (let c = 0; c < WIDTH; c++) read[at + c]! += score / total * v[source(s) + c]!;
        });
      }
    }
  }
  return { weights, read };
}

eachBackend("attention is its definition, and so are its gradients", async () => {
  const q = randomMaps("q", [SAMPLES, 1, TOKENS, CHANNELS], [-2, 2]);
  const k = randomMaps("k", [SAMPLES, 1, SOURCES, CHANNELS], [-2, 2]);
  const v = randomMaps("v", [SAMPLES, 1, SOURCES, CHANNELS]);
  const dy = randomMaps("dy", [SAMPLES, 1, TOKENS, CHANNELS]);
  const inputs = [q, k, v].map(tensorOf) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const slopes = tensorOf(dy);
  const before = tf.memory().numTensors;
  const weights = attentionWeights(inputs[0], inputs[1], HEADS);
  assertEquals(weights.shape, [SAMPLES, HEADS, TOKENS, SOURCES]);
  const wanted = reference(q.data, k.data, v.data);
  assertNear(await weights.data<"float32">(), wanted.weights, 2e-6, "weights");
  const read = attend(weights, inputs[2]);
  assertNear(await read.data<"float32">(), wanted.read, 2e-6, "what is read");
  const gradients = tf.grads((...args) => {
    const [q, k, v] = args as tf.Tensor4D[];
    return tf.sum(tf.mul(attend(attentionWeights(q!, k!, HEADS), v!), slopes));
  })(inputs);
  const loss = (q: Float64Array, k: Float64Array, v: Float64Array) =>
    reference(q, k, v).read.reduce((sum, value, i) => sum + value * dy.data[i]!, 0);
  const numeric = [
    numericalGradient((moved) => loss(moved, k.data, v.data), q.data),
    numericalGradient((moved) => loss(q.data, moved, v.data), k.data),
    numericalGradient((moved) => loss(q.data, k.data, moved), v.data),
  ];
  for (const [i, name] of ["queries", "keys", "values"].entries()) {
    assertNear(await gradients[i]!.data<"float32">(), numeric[i]!, 1e-5, name);
  }
  tf.dispose([weights, read, gradients]);
  assertEquals(tf.memory().numTensors, before);
});
