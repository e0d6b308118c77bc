import {
  type BenchCase,
  benchCase,
  type BenchCases,
  type BenchMachine,
  runGradient,
  runKernel,
} from "../define/bench_case.ts";
import { benchConvolution, type ConvInputs } from "./bench_convolution.ts";
import { type ConvShape, RESNET38, SMALL, WASM } from "./bench_shapes.ts";
import { conv2d } from "./conv2d.ts";
import { convFilterGradient } from "./filter_gradient.ts";
import { convInputGradient } from "./input_gradient.ts";
import { beatsStock } from "./on_heap.ts";

/** The forward pass and both gradients. */
function convolution(shape: ConvShape, { backend }: BenchMachine): readonly BenchCase[] {
  const { samples, filters, k, dilation = 1 } = shape;
  const { geometry, options, attributes, suffix, flops, forwardInputs, inputs } = benchConvolution(
    shape,
    false,
  );
  const name = `conv ${k}x${k} ${geometry.input.join("x")}->${filters}${suffix}`;
  const run = ({ x, filter }: Omit<ConvInputs, "dy">) => conv2d(x, filter, options);
  const forward = benchCase({
    ...{ name, flops, inputs: forwardInputs },
    implementations: { tfjs: run, ours: run },
  });
  const gradient = (what: string, implementations: BenchCase<ConvInputs>["implementations"]) =>
    benchCase({ name: `${name}, ${what} gradient`, flops, inputs, implementations });
  if (backend === "wasm") {
    // On this backend tfjs's usual gradients exist; they are registered in place of this project's.
    const registered = (of: "x" | "filter") => {
      const run = ({ x, filter, dy }: ConvInputs) =>
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
  const dx = ({ dy, filter }: ConvInputs) => convInputGradient(dy, filter, geometry);
  const dFilter = ({ x, dy }: ConvInputs) => convFilterGradient(x, dy, geometry);
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
