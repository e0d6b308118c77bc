import type * as tf from "@tensorflow/tfjs";
import type { WorkKind } from "../../core/contracts/work.ts";
import type { RegisteredOp } from "../ops/define/registered_op.ts";
import { sizeOf } from "../ops/define/shapes.ts";
import type { KernelInputs } from "./shape_rule.ts";

/** Multiplications and additions of a kernel bound by arithmetic, and its kind; none for one bound by memory. */
export type Arithmetic = { readonly kind: WorkKind; readonly flops: number } | undefined;

/** Counts the arithmetic of one call. */
type Count = (inputs: KernelInputs, attributes: object, output: tf.TensorInfo) => Arithmetic;

const taps = ({ shape }: tf.TensorInfo) => shape[0]! * shape[1]!;

/** Of those kernels of tfjs that no operation of ours describes. */
const TFJS: ReadonlyMap<string, Count> = new Map<string, Count>([
  ["FusedConv2D", ({ filter }, _, { shape }) => ({
    kind: "convolution",
    flops: 2 * sizeOf(shape) * taps(filter!) * filter!.shape[2]!,
  })],
  ["Conv2DBackpropInput", ({ dy, filter }, _, { shape }) => ({
    kind: "convolution",
    flops: 2 * sizeOf(dy!.shape) * taps(filter!) * shape[3]!,
  })],
  ["Conv2DBackpropFilter", ({ dy }, _, output) => ({
    kind: "filter gradient",
    flops: 2 * sizeOf(dy!.shape) * taps(output) * output.shape[2]!,
  })],
  ["FusedDepthwiseConv2D", ({ filter }, _, { shape }) => ({
    kind: "depthwise",
    flops: 2 * sizeOf(shape) * taps(filter!),
  })],
  ["DepthwiseConv2dNativeBackpropInput", ({ dy, filter }) => ({
    kind: "depthwise",
    flops: 2 * sizeOf(dy!.shape) * taps(filter!),
  })],
  ["DepthwiseConv2dNativeBackpropFilter", ({ dy }, _, output) => ({
    kind: "depthwise filter gradient",
    flops: 2 * sizeOf(dy!.shape) * taps(output),
  })],
  ["_FusedMatMul", ({ a }, attributes, { shape }) => {
    const { transposeA } = attributes as { readonly transposeA: boolean };
    return {
      kind: "matrix product",
      flops: 2 * sizeOf(shape) * a!.shape.at(transposeA ? -2 : -1)!,
    };
  }],
]);

/**
 * Counts the arithmetic of one kernel call: two operations per product that is added up; what padding leaves out counts too.
 *
 * @param name the kernel
 * @param op the operation that it belongs to, if any
 * @param inputs as it got them
 * @param attributes as it got them
 * @param output its first output
 * @returns the kernel's kind and operations; none where it only moves memory
 */
export function arithmetic(
  name: string,
  op: RegisteredOp | undefined,
  inputs: KernelInputs,
  attributes: object,
  output: tf.TensorInfo,
): Arithmetic {
  return op ? op.workOf(inputs, attributes, output) : TFJS.get(name)?.(inputs, attributes, output);
}
