import * as tf from "@tensorflow/tfjs";
import { widthOf } from "./elements.wgsl.ts";
import { type WebGpu, webgpuProgram } from "./program.ts";

/** Invocations a workgroup. */
const THREADS = 64;

/**
 * Adds tensors that lie one after the other, in that order, one invocation four elements (one where the size is no multiple).
 * Traffic: all parts once, the sum once.
 *
 * @param backend the current one
 * @param parts `[P,...shape]` float32
 * @param shape of the sum
 * @returns the sum over the first axis
 */
export function sumParts(
  backend: WebGpu,
  parts: tf.TensorInfo,
  shape: readonly number[],
): tf.TensorInfo {
  const size = tf.util.sizeFromShape([...shape]), width = widthOf(size);
  const program = webgpuProgram({
    name: `SeamstressSumParts ${width}`,
    outputShape: shape,
    inputs: ["parts"],
    widths: [width],
    outputWidth: width,
    uniforms: "count : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(size / width / THREADS),
    code: `
  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    var sum : ${width === 4 ? "vec4<f32>" : "f32"} = parts[index];
    for (var part : i32 = 1; part < uniforms.count; part = part + 1) {
      sum = sum + parts[part * uniforms.size + index];
    }
    result[index] = sum;
  }
`,
  });
  return backend.runWebGPUProgram(program, [parts], "float32", [
    { type: "int32", data: [parts.shape[0]!] },
  ]);
}
