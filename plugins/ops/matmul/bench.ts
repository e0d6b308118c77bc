import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases } from "../define/bench_case.ts";

/** A benchmark case: a batch of products of `[m, k]` by `[k, n]`, either operand optionally stored transposed. */
function product(
  batch: number,
  [m, k, n]: readonly [number, number, number],
  transposeA = false,
  transposeB = false,
) {
  const mark = (transposed: boolean) => transposed ? "ᵀ" : "";
  const run = ({ a, b }: { readonly a: tf.Tensor3D; readonly b: tf.Tensor3D }) =>
    tf.matMul(a, b, transposeA, transposeB);
  return benchCase({
    name: `matMul ${batch} of ${m}x${k}${mark(transposeA)} by ${k}x${n}${mark(transposeB)}`,
    flops: 2 * batch * m * k * n,
    inputs: ({ uniform }) => ({
      a: uniform<tf.Rank.R3>(transposeA ? [batch, k, m] : [batch, m, k]),
      b: uniform<tf.Rank.R3>(transposeB ? [batch, n, k] : [batch, k, n]),
    }),
    implementations: { tfjs: run, ours: run },
  });
}

/** Benchmark cases: plain products, and those of the pixel correlation module. */
export const bench: BenchCases = ({ backend }) =>
  backend !== "wasm" ? [] : [
    product(1, [256, 256, 256]),
    product(1, [256, 256, 256], true),
    product(8, [196, 192, 196], false, true),
    product(8, [196, 196, 21]),
  ];
