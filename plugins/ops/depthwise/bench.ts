import type * as tf from "@tensorflow/tfjs";
import { benchConvolution, type ConvInputs } from "../conv/bench_convolution.ts";
import type { ConvShape } from "../conv/bench_shapes.ts";
import {
  type BenchCase,
  benchCase,
  type BenchCases,
  type BenchMachine,
  runGradient,
  runKernel,
} from "../define/bench_case.ts";
import { depthwiseConv2d } from "./depthwise_conv2d.ts";
import { depthwiseFilterGradient } from "./filter_gradient.ts";
import { depthwiseInputGradient } from "./input_gradient.ts";

/** A depthwise convolution of 3x3. */
type DepthwiseShape = Omit<ConvShape, "filters" | "k">;

const WEBGPU: readonly DepthwiseShape[] = [
  { samples: 1, size: 56, channels: 96 },
  { samples: 1, size: 56, channels: 96, stride: 2 },
  { samples: 1, size: 28, channels: 192, dilation: 2 },
];
const WASM: readonly DepthwiseShape[] = [
  { samples: 8, size: 112, channels: 32 },
  { samples: 8, size: 112, channels: 96, stride: 2 },
  { samples: 8, size: 14, channels: 960, dilation: 2 },
];

/** The forward pass and both gradients. */
function depthwise(shape: DepthwiseShape, { backend }: BenchMachine): readonly BenchCase[] {
  const { geometry, options, attributes, suffix, flops, inputs } = benchConvolution(
    { ...shape, k: 3, filters: 1 },
    true,
  );
  const name = `depthwise 3x3 ${geometry.input.join("x")}${suffix}`;
  const timed = (what: string, implementations: BenchCase<ConvInputs>["implementations"]) =>
    benchCase({ name: name + what, flops, inputs, implementations });
  const forward = ({ x, filter }: ConvInputs) => depthwiseConv2d(x, filter, options);
  if (backend === "wasm") {
    // On this backend gradients composed of tfjs's ops exist; they are registered in place of this project's.
    const gradients = (["x", "filter"] as const).map((of) => {
      const run = ({ x, filter, dy }: ConvInputs) =>
        runGradient("DepthwiseConv2dNative", dy, [x, filter], attributes, of);
      return timed(`, ${of === "x" ? "input" : of} gradient`, { tfjs: run, ours: run });
    });
    return [timed("", { tfjs: forward, ours: forward }), ...gradients];
  }
  const dx = ({ dy, filter }: ConvInputs) => depthwiseInputGradient(dy, filter, geometry);
  const dFilter = ({ x, dy }: ConvInputs) => depthwiseFilterGradient(x, dy, geometry);
  // tfjs's own gradients do not support dilation.
  const own = (kernel: string, of: (inputs: ConvInputs) => tf.NamedTensorMap) =>
    options.dilation === 1 &&
    { tfjs: (given: ConvInputs) => runKernel(kernel, of(given), attributes) };
  return [
    timed("", { tfjs: forward, ours: forward }),
    timed(", input gradient", {
      ...own("DepthwiseConv2dNativeBackpropInput", ({ dy, filter }) => ({ dy, filter })),
      ...{ composed: dx, ours: dx },
    }),
    timed(", filter gradient", {
      ...own("DepthwiseConv2dNativeBackpropFilter", ({ x, dy }) => ({ x, dy })),
      ...{ composed: dFilter, ours: dFilter },
    }),
  ];
}

/** Benchmark cases: depthwise convolutions of MobileNetV2. */
export const bench: BenchCases = (machine) =>
  (machine.backend === "wasm" ? WASM : WEBGPU).flatMap((shape) => depthwise(shape, machine));
