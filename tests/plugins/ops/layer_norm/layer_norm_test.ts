import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { layerNorm } from "../../../../plugins/ops/layer_norm/layer_norm.ts";
import { eachBackend } from "../../../backends.ts";
import { assertNear, numericalGradient, randomMaps } from "../../losses/numeric.ts";
import { tensorOf } from "../../losses/setup.ts";

const SHAPE = [2, 1, 5, 6] as const, CHANNELS = 6, EPSILON = 1e-3;

/** The definition, in float64. */
function reference(x: Float64Array, weight: Float64Array, bias: Float64Array): Float64Array {
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += CHANNELS) {
    const values = x.subarray(row, row + CHANNELS);
    const mean = values.reduce((sum, value) => sum + value, 0) / CHANNELS;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / CHANNELS;
    values.forEach((value, c) => {
      y[row + c] = (value - mean) / Math.sqrt(variance + EPSILON) * weight[c]! + bias[c]!;
    });
  }
  return y;
}

eachBackend("layerNorm() is its definition, and so are its gradients", async () => {
  // Far from 0: what is lost there is lost in the difference.
  const x = randomMaps("x", SHAPE, [3, 5]), dy = randomMaps("dy", SHAPE);
  const { data: weight } = randomMaps("weight", [1, 1, 1, CHANNELS], [0.5, 2]);
  const { data: bias } = randomMaps("bias", [1, 1, 1, CHANNELS]);
  const vector = (values: Float64Array) => tf.tensor1d(Float32Array.from(values));
  const inputs = [tensorOf(x), vector(weight), vector(bias)] as const;
  const slopes = tensorOf(dy);
  const before = tf.memory().numTensors;
  const y = layerNorm(inputs[0], { weight: inputs[1], bias: inputs[2] }, EPSILON);
  assertNear(await y.data<"float32">(), reference(x.data, weight, bias), 2e-6, "result");
  const gradients = tf.grads((...args) => {
    const [x, weight, bias] = args as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
    return tf.sum(tf.mul(layerNorm(x, { weight, bias }, EPSILON), slopes));
  })([...inputs]);
  const loss = (x: Float64Array, weight: Float64Array, bias: Float64Array) =>
    reference(x, weight, bias).reduce((sum, value, i) => sum + value * dy.data[i]!, 0);
  const wanted = [
    numericalGradient((moved) => loss(moved, weight, bias), x.data),
    numericalGradient((moved) => loss(x.data, moved, bias), weight),
    numericalGradient((moved) => loss(x.data, weight, moved), bias),
  ];
  for (const [k, name] of ["x", "weight", "bias"].entries()) {
    assertNear(await gradients[k]!.data<"float32">(), wanted[k]!, 1e-5, name);
  }
  tf.dispose([y, gradients]);
  assertEquals(tf.memory().numTensors, before);
});
