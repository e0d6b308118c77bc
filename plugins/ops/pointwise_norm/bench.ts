import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases } from "../define/bench_case.ts";
import { pointwiseNorm } from "./pointwise_norm.ts";

/** What a case is given. */
interface Inputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
  readonly bias: tf.Tensor1D;
  readonly one: tf.Tensor1D;
}

/** Benchmark cases: expansions of MobileNetV2, with both gradients. */
export const bench: BenchCases = ({ backend }) => {
  if (backend !== "wasm") return [];
  return ([[112, 16, 96], [14, 160, 960]] as const).map(([size, channels, filters]) => {
    const attributes = { epsilon: 1e-5, activation: "relu6" } as const;
    const run = ({ x, filter, dy, bias, one }: Inputs) =>
      tf.grads((x, filter) =>
        pointwiseNorm(
          ...[x as tf.Tensor4D, filter as tf.Tensor4D] as const,
          { mean: bias, variance: one, weight: one, bias },
          attributes,
        )
      )([x, filter], dy);
    const name = `conv 1x1 ${[8, size, size, channels].join("x")}->${filters}`;
    return benchCase<Inputs>({
      name: `${name}, frozen batch norm and relu6, with their gradients`,
      flops: 3 * 2 * 8 * size * size * channels * filters,
      inputs: ({ uniform, keep }) => ({
        x: uniform<tf.Rank.R4>([8, size, size, channels]),
        filter: uniform<tf.Rank.R4>([1, 1, channels, filters]),
        dy: uniform<tf.Rank.R4>([8, size, size, filters]),
        bias: uniform<tf.Rank.R1>([filters]),
        one: keep(tf.ones<tf.Rank.R1>([filters])),
      }),
      implementations: { tfjs: run, ours: run },
    });
  });
};
