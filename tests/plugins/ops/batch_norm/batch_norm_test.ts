import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { storedInHalf, storingActivations } from "../../../../plugins/ops/precision.ts";
import { isUserError } from "../../../../core/errors.ts";
import { batchNorm } from "../../../../plugins/ops/batch_norm/batch_norm.ts";
import type { Activation } from "../../../../plugins/ops/frozen_norm/normalized.ts";
import { eachBackend } from "../../../backends.ts";
import {
  assertNear,
  build,
  type Maps,
  mean,
  numericalGradient,
  randomMaps,
} from "../../losses/numeric.ts";
import { tensorOf } from "../../losses/setup.ts";
import { halfTest } from "../webgpu/half_setup.ts";

const EPSILON = 1e-5, MOMENTUM = 0.3;

/** All values of a channel. */
function channel({ shape, data }: Maps, c: number): Float64Array {
  return data.filter((_, i) => i % shape[3] === c);
}

function variance(values: Float64Array): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}

const ACTIVATE: Readonly<Record<Activation, (y: number) => number>> = {
  none: (y) => y,
  relu: (y) => Math.max(y, 0),
  relu6: (y) => Math.min(Math.max(y, 0), 6),
};

/** Batch norm in float64. */
function reference(
  x: Maps,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  activation: Activation = "none",
): Maps {
  const channels = Array.from({ length: x.shape[3] }, (_, c) => channel(x, c));
  const means = channels.map(mean), variances = channels.map(variance);
  const [, height, width, count] = x.shape;
  return build(x.shape, (n, pixel, c) => {
    const value = x.data[(n * height * width + pixel) * count + c]!;
    const y = (value - means[c]!) / Math.sqrt(variances[c]! + EPSILON) * weight[c]! + bias[c]!;
    return ACTIVATE[activation](y);
  });
}

function layer(channels: number) {
  const maps = (name: string, range: readonly [number, number]) =>
    randomMaps(name, [1, 1, 1, channels], range);
  const start = {
    weight: maps("weight", [0.5, 2]),
    bias: maps("bias", [-1, 1]),
    runningMean: maps("mean", [-1, 1]),
    runningVariance: maps("variance", [0.5, 2]),
  };
  const variable = ({ data }: Maps) =>
    tf.tidy(() => tf.variable(tf.tensor1d(Float32Array.from(data)), false));
  return {
    start,
    variables: {
      weight: variable(start.weight),
      bias: variable(start.bias),
      runningMean: variable(start.runningMean),
      runningVariance: variable(start.runningVariance),
    },
  };
}

const SHAPES: readonly Maps["shape"][] = [[1, 1, 3, 1], [1, 3, 5, 7], [3, 5, 3, 6], [2, 2, 3, 9]];

for (const shape of SHAPES) {
  eachBackend(`batchNorm() of ${shape} equals float64, forward and running`, async () => {
    const x = randomMaps("x", shape, [-2, 5]);
    const { start, variables } = layer(shape[3]);
    const input = tensorOf(x);
    const before = tf.memory().numTensors;
    const y = batchNorm(input, variables, MOMENTUM);
    const wanted = reference(x, start.weight.data, start.bias.data);
    assertNear(await y.data<"float32">(), wanted.data, 2e-6, "value");
    y.dispose();
    assertEquals(tf.memory().numTensors, before);
    const count = shape[0] * shape[1] * shape[2];
    const moved = (from: Maps, to: (values: Float64Array) => number) =>
      from.data.map((value, c) => value * (1 - MOMENTUM) + MOMENTUM * to(channel(x, c)));
    assertNear(
      await variables.runningMean.data<"float32">(),
      moved(start.runningMean, mean),
      1e-6,
      "running mean",
    );
    assertNear(
      await variables.runningVariance.data<"float32">(),
      moved(start.runningVariance, (values) => variance(values) * count / (count - 1)),
      1e-6,
      "running variance, unbiased",
    );
    tf.dispose([input, ...Object.values(variables)]);
  });

  eachBackend(`batchNorm() of ${shape} has float64's gradients`, async () => {
    const x = randomMaps("x", shape, [-2, 5]), factors = randomMaps("factors", shape);
    const { start, variables } = layer(shape[3]);
    const input = tensorOf(x), weights = tensorOf(factors);
    const before = tf.memory().numTensors;
    const gradients = tf.grads((image, weight, bias) =>
      batchNorm(image as tf.Tensor4D, { ...variables, weight, bias }, MOMENTUM).mul(weights).sum()
    )([input, variables.weight, variables.bias]);
    const running = await variables.runningMean.data();
    const sum = (image: Maps, weight: Float64Array, bias: Float64Array) =>
      reference(image, weight, bias).data
        .reduce((total, value, i) => total + value * factors.data[i]!, 0);
    const { weight, bias } = start;
    const wanted = [
      numericalGradient((data) => sum({ shape, data }, weight.data, bias.data), x.data),
      numericalGradient((data) => sum(x, data, bias.data), weight.data),
      numericalGradient((data) => sum(x, weight.data, data), bias.data),
    ];
    for (const [i, what] of ["x", "weight", "bias"].entries()) {
      assertNear(await gradients[i]!.data<"float32">(), wanted[i]!, 2e-5, what);
    }
    assertEquals(await variables.runningMean.data(), running, "backward moves nothing");
    tf.dispose(gradients);
    assertEquals(tf.memory().numTensors, before);
    tf.dispose([input, weights, ...Object.values(variables)]);
  });
}

for (const activation of ["relu", "relu6"] as const) {
  eachBackend(`batchNorm() with ${activation} equals float64, forward and back`, async () => {
    const shape = [3, 5, 3, 6] as const;
    const x = randomMaps("x", shape, [-2, 5]), factors = randomMaps("factors", shape);
    const { start, variables } = layer(6);
    // Wide enough that relu6 clips.
    const steep = start.weight.data.map((value) => 4 * value);
    const weight = tf.variable(tf.tensor1d(Float32Array.from(steep)));
    const input = tensorOf(x), weights = tensorOf(factors);
    const all = { ...variables, weight };
    const y = batchNorm(input, all, MOMENTUM, activation);
    const wanted = reference(x, steep, start.bias.data, activation);
    assert(activation === "relu" || wanted.data.some((value) => value === 6));
    assertNear(await y.data<"float32">(), wanted.data, 4e-6, "value");
    const gradients = tf.grads((image, weight, bias) =>
      batchNorm(image as tf.Tensor4D, { ...all, weight, bias }, MOMENTUM, activation)
        .mul(weights).sum()
    )([input, weight, variables.bias]);
    const sum = (image: Maps, weight: Float64Array, bias: Float64Array) =>
      reference(image, weight, bias, activation).data
        .reduce((total, value, i) => total + value * factors.data[i]!, 0);
    const bias = start.bias.data;
    const slopes = [
      numericalGradient((data) => sum({ shape, data }, steep, bias), x.data),
      numericalGradient((data) => sum(x, data, bias), steep),
      numericalGradient((data) => sum(x, steep, data), bias),
    ];
    for (const [i, what] of ["x", "weight", "bias"].entries()) {
      assertNear(await gradients[i]!.data<"float32">(), slopes[i]!, 4e-5, what);
    }
    tf.dispose([input, weights, y, gradients, weight, ...Object.values(variables)]);
  });
}

eachBackend("batchNorm() of momentum 0 leaves its running statistics", async () => {
  const { variables } = layer(3);
  const input = tensorOf(randomMaps("x", [2, 3, 3, 3], [-2, 5]));
  const running = async () => [
    await variables.runningMean.data(),
    await variables.runningVariance.data(),
  ];
  const before = await running();
  const y = batchNorm(input, variables, 0);
  assertEquals(await running(), before);
  const again = batchNorm(input, variables, MOMENTUM);
  assertEquals(await y.data(), await again.data());
  const moved = await running();
  assert(moved.every((values, i) => values.some((value, c) => value !== before[i]![c])));
  tf.dispose([input, y, again, ...Object.values(variables)]);
});

halfTest("batchNorm() in float16 stores its result so, and nothing else", async () => {
  const shape = [3, 7, 5, 8] as const;
  const x = randomMaps("x", shape, [-2, 5]), factors = randomMaps("factors", shape);
  const { start, variables } = layer(8);
  const input = tensorOf(x), weights = tensorOf(factors);
  const y = storingActivations(() => batchNorm(input, variables, MOMENTUM, "relu"));
  assert(storedInHalf(y));
  const wanted = reference(x, start.weight.data, start.bias.data, "relu");
  assertNear(await y.data<"float32">(), wanted.data, 2e-3, "value");
  const moved = start.runningMean.data
    .map((value, c) => value * (1 - MOMENTUM) + MOMENTUM * mean(channel(x, c)));
  assertNear(await variables.runningMean.data<"float32">(), moved, 1e-6, "running mean");
  const gradients = tf.grads((image, weight) =>
    storingActivations(() =>
      batchNorm(image as tf.Tensor4D, { ...variables, weight }, MOMENTUM, "relu")
    ).mul(weights).sum()
  )([input, variables.weight]);
  const slope = numericalGradient(
    (data) =>
      reference({ shape, data }, start.weight.data, start.bias.data, "relu").data
        .reduce((total, value, i) => total + value * factors.data[i]!, 0),
    x.data,
  );
  assertNear(await gradients[0]!.data<"float32">(), slope, 2e-3, "gradient");
  tf.dispose([input, weights, y, gradients, ...Object.values(variables)]);
});

eachBackend("batchNorm() keeps its accuracy far from zero and over many values", async () => {
  const shape = [2, 61, 67, 5] as const;
  const x = randomMaps("far", shape, [99, 101]);
  const { start, variables } = layer(5);
  const input = tensorOf(x);
  const y = batchNorm(input, variables, 1);
  const wanted = reference(x, start.weight.data, start.bias.data);
  assertNear(await y.data<"float32">(), wanted.data, 1e-4, "value");
  const [running] = await variables.runningVariance.data();
  assertAlmostEquals(running!, variance(channel(x, 0)), 1e-4);
  tf.dispose([input, y, ...Object.values(variables)]);
});

eachBackend("batchNorm() gives the bias where a channel has one value only", async () => {
  const { start, variables } = layer(3);
  const input = tf.fill([2, 3, 3, 3], 7) as tf.Tensor4D;
  const y = await batchNorm(input, variables, MOMENTUM).data();
  y.forEach((value, i) => assertAlmostEquals(value, start.bias.data[i % 3]!, 1e-6));
});

Deno.test("batchNorm() refuses one value per channel, which has no variance", () => {
  const { variables } = layer(3);
  const error = assertThrows(
    () => batchNorm(tf.ones([1, 1, 1, 3]), variables, MOMENTUM),
    RangeError,
    "Cannot normalise a batch of [1,1,1,3]: a channel of 1 value has no variance",
  );
  assert(isUserError(error));
});
