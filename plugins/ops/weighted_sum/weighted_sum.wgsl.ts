import * as tf from "@tensorflow/tfjs";
import { widthOf } from "../webgpu/elements.wgsl.ts";
import { type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/**
 * Σ factor·tensor of up to four tensors of one shape; each invocation computes four elements (one where their number is no multiple
 * of 4). Memory traffic: each tensor is read once, the sum is written once. Arithmetic: float32 fused multiply-add, in the order
 * given.
 *
 * @param backend the current one
 * @param tensors of one shape
 * @param factors one per tensor
 * @returns the sum
 */
export function runWeightedSum(
  backend: WebGpu,
  tensors: readonly tf.TensorInfo[],
  factors: readonly number[],
): tf.TensorInfo {
  const shape = tensors[0]!.shape, size = tf.util.sizeFromShape(shape), width = widthOf(size);
  const names = tensors.map((_, i) => `x${i}`);
  const program = webgpuProgram({
    name: `SeamstressWeightedSum ${names.length} ${width}`,
    outputShape: shape,
    inputs: names,
    widths: names.map(() => width),
    outputWidth: width,
    uniforms: names.map((name) => `${name}Factor : f32, `).join(""),
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(size / width / THREADS),
    code: `
  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    var sum : ${width === 4 ? "vec4<f32>" : "f32"} = uniforms.x0Factor * x0[index];
    ${
      names.slice(1).map((name) =>
        `sum = fma(${name}[index], ${
          width === 4 ? `vec4<f32>(uniforms.${name}Factor)` : `uniforms.${name}Factor`
        }, sum);`
      ).join("\n    ")
    }
    result[index] = sum;
  }
`,
  });
  return backend.runWebGPUProgram(
    program,
    [...tensors],
    "float32",
    factors.map((factor) => ({ type: "float32", data: [factor] })),
  );
}
