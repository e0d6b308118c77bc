import * as tf from "@tensorflow/tfjs";
import {
  type BenchCase,
  benchCase,
  type BenchCases,
  type BenchMachine,
  runGradient,
  runKernel,
} from "../define/bench_case.ts";
import { type ConvShape, RESNET38, SMALL, WASM } from "./bench_shapes.ts";
import { conv2d } from "./conv2d.ts";
import { convFilterGradient } from "./filter_gradient.ts";
import { convGeometry } from "./geometry.ts";
import { convInputGradient } from "./input_gradient.ts";
import { beatsStock } from "./on_heap.ts";

type Shape = [number, number, number, number];

/** Inputs of the gradients: the input, the filter and the gradient of the output. */
interface Inputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/** The forward pass and both gradients. */
function convolution(s: ConvShape, { backend }: BenchMachine): readonly BenchCase[] {
  const { samples, size, channels, filters, k, stride = 1, dilation = 1 } = s;
  const input: Shape = [samples, size, size, channels], kernel: Shape = [k, k, channels, filters];
  const pad = dilation * (k - 1) / 2;
  const geometry = convGeometry(input, kernel, stride, pad, dilation, false);
  const output = [...geometry.output] as Shape;
  const flops = 2 * tf.util.sizeFromShape(output) * k * k * channels;
  const attributes = {
    ...{ strides: [stride, stride], pad, dilations: [dilation, dilation], dataFormat: "NHWC" },
    ...{ inputShape: input, filterShape: kernel },
  };
  const name = `conv ${k}x${k} ${input.join("x")}->${filters}${
    stride > 1 ? ` stride ${stride}` : ""
  }${dilation > 1 ? ` dilation ${dilation}` : ""}`;
  const run = ({ x, filter }: Omit<Inputs, "dy">) => conv2d(x, filter, { stride, dilation, pad });
  const forward = benchCase({
    ...{ name, flops },
    inputs: ({ uniform }) => ({
      x: uniform<tf.Rank.R4>(input),
      filter: uniform<tf.Rank.R4>(kernel),
    }),
    implementations: { tfjs: run, ours: run },
  });
  const gradient = (what: string, implementations: BenchCase<Inputs>["implementations"]) =>
    benchCase({
      ...{ name: `${name}, ${what} gradient`, flops, implementations },
      inputs: ({ uniform }) => ({
        x: uniform<tf.Rank.R4>(input),
        filter: uniform<tf.Rank.R4>(kernel),
        dy: uniform<tf.Rank.R4>(output),
      }),
    });
  if (backend === "wasm") {
    // On this backend tfjs's usual gradients exist; they are registered in place of this project's.
    const registered = (of: "x" | "filter") => {
      const run = ({ x, filter, dy }: Inputs) =>
        runGradient("Conv2D", dy, [x, filter], attributes, of);
      return { tfjs: run, ours: run };
    };
    const gradients = [
      gradient("input", registered("x")),
      gradient("filter", registered("filter")),
    ];
    // On other backends the forward pass is tfjs's own.
    return beatsStock(geometry) ? [forward, ...gradients] : gradients;
  }
  const dx = ({ dy, filter }: Inputs) => convInputGradient(dy, filter, geometry);
  const dFilter = ({ x, dy }: Inputs) => convFilterGradient(x, dy, geometry);
  // tfjs's own gradients do not support dilation; compositions take too long for large shapes.
  const plain = dilation === 1, small = samples === 1;
  return [
    forward,
    gradient("input", {
      ...plain && {
        tfjs: ({ dy, filter }) => runKernel("Conv2DBackpropInput", { dy, filter }, attributes),
      },
      ...small && { composed: dx },
      ours: dx,
    }),
    gradient("filter", {
      ...plain && { tfjs: ({ x, dy }) => runKernel("Conv2DBackpropFilter", { x, dy }, attributes) },
      ...small && { composed: dFilter },
      ours: dFilter,
    }),
  ];
}

/** Benchmark cases: convolutions of this project's networks. */
export const bench: BenchCases = (machine) => {
  const shapes = machine.backend === "wasm" ? WASM : [...machine.gpu ? RESNET38 : [], ...SMALL];
  return shapes.flatMap((shape) => convolution(shape, machine));
};
