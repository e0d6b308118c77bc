import * as tf from "@tensorflow/tfjs";
import { convGeometry } from "../conv/geometry.ts";
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
interface DepthwiseShape {
  readonly samples: number;
  readonly size: number;
  readonly channels: number;
  readonly stride?: number;
  readonly dilation?: number;
}

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

type Shape = [number, number, number, number];

/** The input, the filter and the gradient of the output. */
interface Inputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/** The forward pass and both gradients. */
function depthwise(s: DepthwiseShape, { backend }: BenchMachine): readonly BenchCase[] {
  const { samples, size, channels, stride = 1, dilation = 1 } = s;
  const input: Shape = [samples, size, size, channels], kernel: Shape = [3, 3, channels, 1];
  const pad = dilation;
  const geometry = convGeometry(input, kernel, stride, pad, dilation, true);
  const output = [...geometry.output] as Shape;
  const flops = 2 * tf.util.sizeFromShape(output) * 9;
  const attributes = {
    ...{ strides: [stride, stride], pad, dilations: [dilation, dilation] },
    ...{ inputShape: input, filterShape: kernel },
  };
  const name = `depthwise 3x3 ${input.join("x")}${stride > 1 ? ` stride ${stride}` : ""}${
    dilation > 1 ? ` dilation ${dilation}` : ""
  }`;
  const timed = (what: string, implementations: BenchCase<Inputs>["implementations"]) =>
    benchCase({
      ...{ name: name + what, flops, implementations },
      inputs: ({ uniform }) => ({
        x: uniform<tf.Rank.R4>(input),
        filter: uniform<tf.Rank.R4>(kernel),
        dy: uniform<tf.Rank.R4>(output),
      }),
    });
  const forward = ({ x, filter }: Inputs) => depthwiseConv2d(x, filter, { stride, dilation, pad });
  if (backend === "wasm") {
    // On this backend gradients composed of tfjs's ops exist; they are registered in place of this project's.
    const gradients = (["x", "filter"] as const).map((of) => {
      const run = ({ x, filter, dy }: Inputs) =>
        runGradient("DepthwiseConv2dNative", dy, [x, filter], attributes, of);
      return timed(`, ${of === "x" ? "input" : of} gradient`, { tfjs: run, ours: run });
    });
    return [timed("", { tfjs: forward, ours: forward }), ...gradients];
  }
  const dx = ({ dy, filter }: Inputs) => depthwiseInputGradient(dy, filter, geometry);
  const dFilter = ({ x, dy }: Inputs) => depthwiseFilterGradient(x, dy, geometry);
  // tfjs's own gradients do not support dilation.
  const own = (kernel: string, of: (inputs: Inputs) => tf.NamedTensorMap) =>
    dilation === 1 && { tfjs: (given: Inputs) => runKernel(kernel, of(given), attributes) };
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
