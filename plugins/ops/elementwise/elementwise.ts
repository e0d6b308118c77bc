import type * as tf from "@tensorflow/tfjs";
import { defineOp } from "../define/define_op.ts";
import { asNeighbours } from "../define/half_rules.ts";
import { broadcast, like } from "../define/shapes.ts";
import type { WebGpuBackend } from "../webgpu/backend.ts";
import { splitElements } from "../webgpu/split_elements.ts";
import { activateHalves, combineHalves } from "./half_elements.wgsl.ts";

/** Whether a kernel of ours is wanted: tfjs has no float16, and where nothing is stored in half its own do. */
const anyHalf = (backend: WebGpuBackend, half: boolean, inputs: readonly tf.TensorInfo[]) =>
  (half || inputs.some(({ dataId }) => backend.storesHalf?.(dataId))) &&
  inputs.every(({ dtype }) => dtype === "float32");

/** Reads and gives halves. */
const half = { reads: true, gives: asNeighbours } as const;

/** tfjs's sum of two tensors. */
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

/** tfjs's product of two tensors. */
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
});

/** tfjs's max(x, 0). */
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

/** tfjs's min(max(x, 0), 6). */
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
