import type * as tf from "@tensorflow/tfjs";
import { defineOp } from "../define/define_op.ts";
import { asNeighbours } from "../define/half_rules.ts";
import { broadcast, like } from "../define/shapes.ts";
import type { WebGpuBackend } from "../webgpu/backend.ts";
import { splitElements } from "../webgpu/split_elements.ts";
import { activateHalves, combineHalves } from "./half_elements.wgsl.ts";
import { multiplyRepeated, repeatedFactor } from "./multiply_on_heap.ts";

/** Whether an input or the result is stored as float16, which tfjs's own kernels can neither read nor write. */
const anyHalf = (backend: WebGpuBackend, half: boolean, inputs: readonly tf.TensorInfo[]) =>
  (half || inputs.some(({ dataId }) => backend.storesHalf?.(dataId))) &&
  inputs.every(({ dtype }) => dtype === "float32");

/** Half-precision rule: reads float16, and writes it where an input of the same shape is stored so. */
const half = { reads: true, gives: asNeighbours } as const;

/** Sum of two tensors; replaces tfjs's, for float16. */
export const addOp = defineOp({
  name: "Add",
  replaces: true,
  summary: "sum of two tensors, element by element",
  inputs: { a: "[…]", b: "[…]" },
  output: "[…]",
  shape: (inputs) => broadcast(inputs),
  half,
  split: splitElements(["a", "b"]),
  webgpu({ a, b }, _, context) {
    const { backend } = context, half = context.half(broadcast({ a, b }).shape);
    return anyHalf(backend, half, [a, b]) && combineHalves(backend, "+", a, b, half) ||
      context.stock();
  },
});

/** Product of two tensors; replaces tfjs's, for float16, and on wasm where one is repeated for many short rows of the other. */
export const multiplyOp = defineOp({
  name: "Multiply",
  replaces: true,
  summary: "product of two tensors, element by element",
  inputs: { a: "[…]", b: "[…]" },
  output: "[…]",
  shape: (inputs) => broadcast(inputs),
  half,
  webgpu({ a, b }, _, context) {
    const { backend } = context, half = context.half(broadcast({ a, b }).shape);
    return anyHalf(backend, half, [a, b]) && combineHalves(backend, "*", a, b, half) ||
      context.stock();
  },
  wasm: {
    accepts: (inputs) => repeatedFactor(inputs) !== undefined,
    run: (inputs, _, { backend }) => multiplyRepeated(backend, repeatedFactor(inputs)!),
  },
});

/** max(x, 0); replaces tfjs's, for float16. */
export const reluOp = defineOp({
  name: "Relu",
  replaces: true,
  summary: "max(x, 0)",
  inputs: { x: "[…]" },
  output: "[…]",
  shape: ({ x }) => like(x),
  half,
  split: splitElements(["x"]),
  webgpu({ x }, _, context) {
    const { backend } = context, half = context.half(x.shape);
    return anyHalf(backend, half, [x]) && activateHalves(backend, "relu", x, half) ||
      context.stock();
  },
});

/** min(max(x, 0), 6); replaces tfjs's, for float16. */
export const relu6Op = defineOp({
  name: "Relu6",
  replaces: true,
  summary: "min(max(x, 0), 6)",
  inputs: { x: "[…]" },
  output: "[…]",
  shape: ({ x }) => like(x),
  half,
  webgpu({ x }, _, context) {
    const { backend } = context, half = context.half(x.shape);
    return anyHalf(backend, half, [x]) && activateHalves(backend, "relu6", x, half) ||
      context.stock();
  },
});
