import type * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases, forwardAndGradient } from "../define/bench_case.ts";
import { pairDistanceOp } from "./pair_distance.ts";

/** AffinityNet's: half of a disc of radius 5, 34 offsets. */
const OFFSETS = Array.from({ length: 5 * 9 }, (_, i) => [Math.floor(i / 9), i % 9 - 4] as const)
  .filter(([dy, dx]) => dx ** 2 + dy ** 2 < 25 && (dy > 0 || dx > 0));

/** Benchmark cases: AffinityNet's features of a training crop. */
export const bench: BenchCases = ({ backend }) => {
  if (backend !== "wasm") return [];
  const attributes = { radius: 5, offsets: OFFSETS };
  const run = ({ x }: { readonly x: tf.Tensor4D }) => pairDistanceOp.run({ x }, attributes);
  const { forward, gradient } = forwardAndGradient(
    "pair distance of 1x28x28x224",
    ({ normal }) => ({ x: normal<tf.Rank.R4>([1, 28, 28, 224]) }),
    { composed: run, ours: run },
  );
  return [benchCase(forward), benchCase(gradient)];
};
