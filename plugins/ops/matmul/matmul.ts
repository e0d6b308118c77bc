import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats, sizeOf } from "../define/shapes.ts";
import { multiply } from "./multiply_on_heap.ts";

/**
 * Matrix product, in place of tfjs's. On wasm tfjs's uses XNNPACK only for a single matrix that is not transposed; with transposeA,
 * transposeB or more than one matrix it runs a scalar loop, 50 times slower. matMul's own gradient asks for both transposes. To see
 * it: time `tf.matMul(a, b, true)` of two 1024x1024 matrices. This project's kernel supports batches and transposes of both
 * operands.
 */
export const matMulOp = defineOp({
  name: "BatchMatMul",
  replaces: true,
  summary: "products of matrices",
  inputs: { a: "[…]", b: "[…]" },
  attributes: attributesOf<{ readonly transposeA: boolean; readonly transposeB: boolean }>(),
  output: "[…]",
  shape({ a, b }, { transposeA, transposeB }) {
    const [outer, others] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(outer, others);
    return floats(...batch, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!);
  },
  flops: {
    kind: "matrix product",
    count: ({ a }, { transposeA }, output) =>
      2 * sizeOf(output.shape) * a.shape.at(transposeA ? -2 : -1)!,
  },
  wasm({ a, b }, { transposeA, transposeB }, { backend }) {
    if (a.dtype !== "float32" || b.dtype !== "float32") {
      throw new TypeError(`Cannot multiply ${a.dtype} by ${b.dtype} on wasm: cast to float32`);
    }
    return multiply(backend, a, b, transposeA, transposeB);
  },
});
