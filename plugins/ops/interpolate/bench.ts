import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases, forwardAndGradient, runKernel } from "../define/bench_case.ts";
import { resizeBilinear } from "./resize_bilinear.ts";

/** Square sizes of a training crop's CAMs, from and to. */
const SIZES = [[56, 448], [448, 134], [448, 56]] as const;

/** Benchmark cases: CAMs of a training crop, resized between the square sizes `from` and `to`. */
function onWebGpu([from, to]: readonly [number, number], classes: number) {
  interface Inputs {
    readonly x: tf.Tensor4D;
  }
  const ours = ({ x }: Inputs) => resizeBilinear(x, [to, to], true);
  const tfjs = ({ x }: Inputs) => tf.image.resizeBilinear(x, [to, to], true);
  // tfjs's own gradient is replaced by this project's in every implementation, so its kernel is called by name.
  const tfjsGradient = (inputs: Inputs) => {
    const y = tfjs(inputs);
    const dy = tf.mul(tf.onesLike(y), tf.onesLike(tf.sum(y)));
    const images = inputs.x, attributes = { alignCorners: true };
    return runKernel("ResizeBilinearGrad", { images, dy }, attributes);
  };
  const { forward, gradient } = forwardAndGradient<Inputs>(
    `resize ${from}x${from}x${classes} -> ${to}x${to}`,
    ({ normal }) => ({ x: normal<tf.Rank.R4>([1, from, from, classes]) }),
    { composed: ours, ours },
  );
  return [
    benchCase({ ...forward, implementations: { ...forward.implementations, tfjs } }),
    benchCase({
      ...gradient,
      implementations: { ...gradient.implementations, tfjs: tfjsGradient },
    }),
  ];
}

function onWasm(shape: [number, number, number, number], to: number) {
  const run = (x: tf.Tensor4D) => resizeBilinear(x, [to, to], true);
  return benchCase({
    name: `resize ${shape.join("x")} to ${to}x${to}`,
    inputs: ({ uniform }) => uniform<tf.Rank.R4>(shape),
    implementations: { tfjs: run, ours: run },
  });
}

/** Benchmark cases: resizes of CAMs. */
export const bench: BenchCases = ({ backend, quick }) =>
  backend === "wasm"
    ? [onWasm([8, 14, 14, 7], 224), onWasm([8, 112, 112, 7], 56)]
    : SIZES.flatMap((size) => onWebGpu(size, quick ? 7 : 21));
