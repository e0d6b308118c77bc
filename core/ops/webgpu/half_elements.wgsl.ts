import * as tf from "@tensorflow/tfjs";
import { storedWidth } from "./elements.wgsl.ts";
import { type WebGpu, webgpuProgram } from "./program.ts";

/** Invocations a workgroup. */
const THREADS = 64;

/**
 * Adds or multiplies two maps, the result stored in half: what a backward pass does where two paths meet, and dropout of channels.
 * One invocation four channels. Traffic: each tensor once, two bytes an element where it is stored in half. Arithmetic: float32.
 *
 * @param backend the current one
 * @param operator of WGSL
 * @param a `[N,H,W,C]`, C a multiple of 4
 * @param b the same shape, or `[N,1,1,C]`
 * @returns a's shape
 */
export function combineHalves(
  backend: WebGpu,
  operator: "+" | "*",
  a: tf.TensorInfo,
  b: tf.TensorInfo,
): tf.TensorInfo {
  const widths = [storedWidth(backend, a), storedWidth(backend, b)] as const;
  const count = tf.util.sizeFromShape(a.shape) / 4;
  const [, height, width, channels] = a.shape as [number, number, number, number];
  const alike = tf.util.arraysEqual(a.shape, b.shape);
  const read = (name: string, i: 0 | 1, at: string) =>
    widths[i] === "half" ? `widen(${name}[${at}])` : `${name}[${at}]`;
  const program = webgpuProgram({
    name: `SeamstressHalf ${operator} ${widths}${alike ? "" : " channels"}`,
    outputShape: a.shape,
    inputs: ["a", "b"],
    widths,
    outputWidth: "half",
    uniforms: "count : i32, image : i32, channels : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(count / THREADS),
    code: `
  fn main(index : i32) {
    if (index >= uniforms.count) { return; }
    ${
      alike ? "let at = index;" : `
    let at = index / uniforms.image * uniforms.channels + index % uniforms.channels;`
    }
    result[index] = narrow(${read("a", 0, "index")} ${operator} ${read("b", 1, "at")});
  }
`,
  });
  return backend.runWebGPUProgram(program, [a, b], "float32", [
    { type: "int32", data: [count] },
    { type: "int32", data: [height * width * channels / 4] },
    { type: "int32", data: [channels / 4] },
  ]);
}
