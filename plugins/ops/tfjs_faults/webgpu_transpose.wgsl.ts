import * as tf from "@tensorflow/tfjs";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup; each writes one element. */
const THREADS = 64;

/** Row-major strides, in elements. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => tf.util.sizeFromShape(shape.slice(axis + 1)));
}

/**
 * WGSL of the transpose: computes the coordinates of each output element from the output's strides and reads `x` at the permuted
 * ones.
 */
function transposeWgsl(rank: number): string {
  const axes = Array.from({ length: rank }, (_, axis) => `
      at += (rest / uniforms.to${axis}) * uniforms.from${axis};
      rest = rest % uniforms.to${axis};`);
  return `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      var rest = index;
      var at = 0;${axes.join("")}
      result[index] = x[at];
    }
  `;
}

/**
 * Transposes an integer or boolean tensor of any rank.
 *
 * @param backend the backend that holds the tensor
 * @param x int32 or bool, on the device
 * @param permutation for each axis of the result, the axis of `x` that it is taken from
 * @returns a tensor of the same type
 */
export function runTranspose(
  backend: WebGpu,
  x: tf.TensorInfo,
  permutation: readonly number[],
): tf.TensorInfo {
  const outputShape = permutation.map((axis) => x.shape[axis]!);
  const to = stridesOf(outputShape), from = stridesOf(x.shape);
  const program = webgpuProgram({
    name: `transpose integers ${outputShape.length}`,
    outputShape,
    inputs: ["x"],
    uniforms: to.map((_, axis) => `to${axis} : i32, from${axis} : i32,`).join(" "),
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(tf.util.sizeFromShape(outputShape) / THREADS),
    code: transposeWgsl(outputShape.length),
  });
  const uniforms = permutation.flatMap((axis, i) => [ints(to[i]!), ints(from[axis]!)]);
  return backend.runWebGPUProgram(program, [x], x.dtype, uniforms);
}
