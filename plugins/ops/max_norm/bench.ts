import type * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases, forwardAndGradient } from "../define/bench_case.ts";
import { maxNormOp } from "./max_norm.ts";

/** Benchmark cases: CAMs of a training crop. */
export const bench: BenchCases = ({ backend }) => {
  if (backend !== "wasm") return [];
  const run = ({ x }: { readonly x: tf.Tensor4D }) => maxNormOp.run({ x }, { epsilon: 1e-5 });
  const { gradient } = forwardAndGradient(
    "max norm of 1x112x112x7",
    ({ normal }) => ({ x: normal<tf.Rank.R4>([1, 112, 112, 7]) }),
    { composed: run, ours: run },
  );
  return [benchCase(gradient)];
};
