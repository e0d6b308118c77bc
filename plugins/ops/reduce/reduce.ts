import type * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { axesOf, type AxisAttributes, reducedShape } from "../define/shapes.ts";
import { offsetOf } from "../wasm/heap.ts";
import { MAX, pays, reduceOnHeap, type Reducer, SUM } from "./on_heap.ts";
import { type Reduction, runReduce } from "./reduce.wgsl.ts";
import { type ReducedAxes, reducedAxes } from "./reduced_axes.ts";

/** What distinguishes one reduction op from another. */
interface Kind {
  /** tfjs's name of the kernel. */
  readonly name: string;
  readonly summary: string;
  readonly reduction: Reduction;
  /** Data type of the result; by default the input's. */
  readonly dtype?: tf.DataType;
  readonly wasm?: { readonly reducer: Reducer; factor(reduced: ReducedAxes): number };
}

/** Defines one of tfjs's reductions. tfjs's kernels transpose the array first unless the last axes are reduced; ours do not. */
function reductionOp({ name, summary, reduction, dtype, wasm }: Kind) {
  return defineOp({
    name,
    replaces: true,
    summary,
    inputs: { x: "[…]" },
    attributes: attributesOf<AxisAttributes>(),
    output: "[…]",
    shape: ({ x }, attributes) => reducedShape(x, attributes, dtype),
    // tfjs's kernels start one workgroup per result: 200,704 of them for the maximum over 21 channels, a single one for a sum of
    // millions. To see it: bench/webgpu_head.bench.ts.
    webgpu({ x }, attributes, context) {
      const axes = axesOf(x.shape, attributes);
      const reduced = axes.length === 0 ? undefined : reducedAxes(x.shape, axes);
      const { backend } = context;
      if (
        x.dtype !== "float32" || reduced === undefined || x.shape.includes(0) ||
        backend.shouldExecuteOnCPU([x])
      ) return context.stock();
      const { shape } = reducedShape(x, attributes);
      return { ...runReduce(backend, x, reduced, reduction), shape: [...shape] };
    },
    // tfjs's kernels add sequentially, in float32.
    wasm: wasm === undefined ? undefined : ({ x }, attributes, context) => {
      const reduced = reducedAxes(x.shape, axesOf(x.shape, attributes));
      if (x.dtype !== "float32" || reduced === undefined || !pays(reduced)) {
        return context.stock();
      }
      const { backend } = context;
      const out = backend.makeOutput([...reducedShape(x, attributes).shape], "float32");
      const [from, to] = [offsetOf(backend, x), offsetOf(backend, out)];
      reduceOnHeap(backend, wasm.reducer, from, reduced, wasm.factor(reduced), to);
      return out;
    },
  });
}

/** tfjs's sum. */
export const sumOp = reductionOp({
  name: "Sum",
  summary: "sum over axes",
  reduction: "sum",
  wasm: { reducer: SUM, factor: () => 1 },
});

/** tfjs's mean. */
export const meanOp = reductionOp({
  name: "Mean",
  summary: "mean over axes",
  reduction: "mean",
  dtype: "float32",
  wasm: { reducer: SUM, factor: ({ middle }) => 1 / middle },
});

/** tfjs's maximum; its gradient goes to every tied element, that of `maxOne` to the first. */
export const maxOp = reductionOp({
  name: "Max",
  summary: "maximum over axes",
  reduction: "max",
  wasm: { reducer: MAX, factor: () => 1 },
});

/** tfjs's minimum. */
export const minOp = reductionOp({
  name: "Min",
  summary: "minimum over axes",
  reduction: "min",
});
