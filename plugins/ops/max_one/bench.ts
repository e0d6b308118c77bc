import type * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases, forwardAndGradient } from "../define/bench_case.ts";
import { maxOne } from "./max_one.ts";

/** Benchmark cases: maxima of CAMs over pixels and over classes. */
export const bench: BenchCases = ({ backend }) => {
  if (backend === "wasm") return [];
  return [[1, 2], [3]].map((axes) => {
    const run = ({ x }: { readonly x: tf.Tensor4D }) => maxOne(x, axes);
    const { gradient } = forwardAndGradient(
      `maximum over axes ${axes} of 134x134x21`,
      ({ normal }) => ({ x: normal<tf.Rank.R4>([1, 134, 134, 21]) }),
      { composed: run, ours: run },
    );
    return benchCase(gradient);
  });
};
