import * as tf from "@tensorflow/tfjs";
import { type BenchCase, benchCase, type BenchCases } from "../define/bench_case.ts";

type Shape = [number, number, number, number];
type Reduction = "max" | "mean" | "sum";

function reduction(
  name: string,
  how: Reduction,
  shape: Shape,
  axes: number[] | undefined,
  memory: Pick<BenchCase, "memory"> = {},
): BenchCase {
  const run = (x: tf.Tensor4D) => tf[how](x, axes);
  return benchCase({
    name,
    ...memory,
    inputs: ({ uniform }) => uniform<tf.Rank.R4>(shape),
    implementations: { tfjs: run, ours: run },
  });
}

/** Reductions of max-normalisation, classification, losses and biases: label, shape, reductions, axes. */
const WEBGPU: readonly [string, Shape, readonly Reduction[], number[]][] = [
  ["channels", [1, 448, 448, 21], ["max", "sum"], [3]],
  ["pixels of an image", [1, 448, 448, 21], ["max", "mean"], [1, 2]],
  ["pixels of an image", [4, 56, 56, 21], ["max", "mean"], [1, 2]],
  ["pixels of a batch", [1, 56, 56, 512], ["sum"], [0, 1, 2]],
  ["everything", [1, 448, 448, 21], ["mean"], [0, 1, 2, 3]],
];

const maps: Shape = [8, 112, 112, 7];
const WASM: readonly BenchCase[] = [
  reduction("sum of 8x112x112x7 over pixels", "sum", maps, [1, 2]),
  reduction("mean of 8x112x112x7", "mean", maps, undefined),
  reduction("max of 8x112x112x7 over pixels", "max", maps, [1, 2]),
  reduction("sum of 8x28x28x192 over all but channels", "sum", [8, 28, 28, 192], [0, 1, 2]),
];

/** Benchmark cases: reductions of CAMs and of a bias gradient. */
export const bench: BenchCases = ({ backend }) =>
  backend === "wasm"
    ? WASM
    : WEBGPU.flatMap(([over, shape, reductions, axes]) =>
      reductions.map((how) => {
        const name = `${how} of ${shape.join("x")} over ${over}, forward`;
        return reduction(name, how, shape, axes, { memory: true });
      })
    );
