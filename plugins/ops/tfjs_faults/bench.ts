import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases, type BenchTensors } from "../define/bench_case.ts";

/** CAMs of a batch, with and without the background channel. */
const inputs = ({ uniform, keep }: BenchTensors) => {
  const foreground = uniform<tf.Rank.R4>([8, 112, 112, 6]);
  const best = keep(tf.max(foreground, 3, true));
  return { maps: uniform<tf.Rank.R4>([8, 112, 112, 7]), foreground, best };
};

/** A benchmark case of a wasm kernel that was wrong or slow: tfjs's own and the fixed one. */
function fixed(name: string, run: (given: ReturnType<typeof inputs>) => tf.Tensor) {
  return benchCase({ name, inputs, implementations: { tfjs: run, ours: run } });
}

/** Benchmark cases: fixed wasm kernels, at the sizes of CAMs. */
export const bench: BenchCases = ({ backend }) =>
  backend !== "wasm" ? [] : [
    fixed("slice of 8x112x112x7, 6 channels", ({ maps }) => tf.slice(maps, [0, 0, 0, 1])),
    fixed(
      "concat of 6 and 7 channels",
      ({ maps, foreground }) => tf.concat([foreground, maps], 3),
    ),
    fixed("one of 7 channels, by index", ({ maps }) => tf.gather(maps, [2], 3)),
    fixed("8x112x112x7, mirrored", ({ maps }) => tf.reverse(maps, 2)),
    fixed("equal of 6 channels and 1", ({ foreground, best }) => tf.equal(foreground, best)),
  ];
