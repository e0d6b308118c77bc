import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases } from "../define/bench_case.ts";
import { meanOfLargest } from "./mean_of_largest.ts";

const SIZE = 134 * 134 * 21, COUNT = Math.floor(SIZE / 5);

/** Benchmark cases: SEAM's online hard example mining, which selects a fifth of an image's class scores. */
export const bench: BenchCases = ({ backend }) =>
  backend === "wasm" ? [] : [
    benchCase({
      name: `mean of the ${COUNT} largest of ${SIZE}, forward`,
      memory: true,
      inputs: ({ normal }) => normal<tf.Rank.R2>([1, SIZE]),
      implementations: {
        tfjs: (rows) => tf.mean(tf.topk(rows, COUNT).values),
        ours: (rows) => meanOfLargest(rows, COUNT),
      },
    }),
  ];
