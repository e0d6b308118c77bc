import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases, type BenchTensors } from "../define/bench_case.ts";
import type { FrozenNormAttributes } from "./attributes.ts";
import { frozenNorm, frozenNormGradientOp, frozenNormOp } from "./frozen_norm.ts";

type Shape = [number, number, number, number];

const epsilon = 1e-5;

/** Creates a feature map, a gradient of the same shape, and the per-channel statistics and parameters. */
const inputs = (shape: Shape) => ({ uniform, keep }: BenchTensors) => {
  const bias = uniform<tf.Rank.R1>([shape[3]]);
  const variance = keep(tf.ones<tf.Rank.R1>([shape[3]]));
  return {
    ...{ x: uniform<tf.Rank.R4>(shape), dy: uniform<tf.Rank.R4>(shape) },
    vectors: { mean: bias, variance, weight: bias, bias },
  };
};

/** A normalisation on its own, forward and backward, against the usual composition. */
function forwardAndBack(shape: Shape) {
  const attributes: FrozenNormAttributes = { epsilon, activation: "relu6" };
  return benchCase({
    name: `frozen batch norm, relu6 ${shape.join("x")}: forward and back`,
    bytes: 5 * 4 * tf.util.sizeFromShape(shape),
    inputs: inputs(shape),
    implementations: {
      tfjs({ x, dy, vectors: { mean, variance, weight, bias } }) {
        const y = tf.relu6(tf.batchNorm(x, mean, variance, bias, weight, epsilon));
        const scale = tf.mul(weight, tf.rsqrt(tf.add(variance, epsilon)));
        return tf.mul(tf.mul(dy, scale), tf.mul(tf.step(y), tf.step(tf.sub(6, y))));
      },
      ours({ x, dy, vectors }) {
        const y = frozenNormOp.run({ x, ...vectors }, attributes), { variance, weight } = vectors;
        return frozenNormGradientOp.run({ dy, y, variance, weight }, attributes);
      },
    },
  });
}

/** Benchmark cases against the composition of tfjs's kernels, forward only and with the gradient. */
function onWasm(shape: Shape, activation: FrozenNormAttributes["activation"]) {
  const name = `frozen batch norm and ${activation} ${shape.join("x")}`;
  const attributes: FrozenNormAttributes = { epsilon, activation };
  type Inputs = ReturnType<ReturnType<typeof inputs>>;
  const forward = ({ x, vectors }: Inputs) => frozenNorm(x, vectors, attributes);
  const gradient = ({ x, dy, vectors }: Inputs) =>
    tf.grad((x: tf.Tensor) => frozenNorm(x as tf.Tensor4D, vectors, attributes))(x, dy);
  return [
    benchCase({
      ...{ name, inputs: inputs(shape) },
      implementations: { tfjs: forward, ours: forward },
    }),
    benchCase({
      ...{ name: `${name}, with its gradient`, inputs: inputs(shape) },
      implementations: { tfjs: gradient, ours: gradient },
    }),
  ];
}

/** Benchmark cases: normalisations of MobileNetV2 and of ResNet38's CAM network. */
export const bench: BenchCases = ({ backend }) =>
  backend === "wasm"
    ? [...onWasm([8, 56, 56, 144], "relu6"), ...onWasm([8, 28, 28, 21], "none")]
    : [forwardAndBack([1, 56, 56, 96])];
