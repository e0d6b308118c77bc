import * as tf from "@tensorflow/tfjs";
import { type WebGpu, webgpuProgram } from "./program.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/**
 * Copies a tensor that is stored in float16 to one of floats. Traffic: six bytes per element.
 *
 * @param backend the current one
 * @param halves any shape, elements a multiple of 4
 * @returns the same shape
 */
export function widen(backend: WebGpu, halves: tf.TensorInfo): tf.TensorInfo {
  return convert(backend, halves, "half", 4, "widen(x[index])");
}

/**
 * Copies a tensor to one that is stored in float16, rounded to nearest; what is too large becomes infinite. Traffic: six bytes per
 * element.
 *
 * @param backend the current one
 * @param floats any shape, elements a multiple of 4
 * @returns the same shape
 */
export function narrow(backend: WebGpu, floats: tf.TensorInfo): tf.TensorInfo {
  return convert(backend, floats, 4, "half", "narrow(x[index])");
}

/**
 * Runs a kernel with a half-precision copy of its weights, which it reads many times; the parameter itself stays float32, so that
 * small updates accumulate.
 *
 * @param backend the current one
 * @param weights `[…,D]`; taken as they are where D is no multiple of 4
 * @param half whether to narrow them
 * @param run the kernel
 * @returns what `run` returned
 */
export function withWeights(
  backend: WebGpu,
  weights: tf.TensorInfo,
  half: boolean,
  run: (weights: tf.TensorInfo) => tf.TensorInfo,
): tf.TensorInfo {
  if (!half || weights.shape.at(-1)! % 4 !== 0) return run(weights);
  const narrowed = narrow(backend, weights);
  try {
    return run(narrowed);
  } finally {
    backend.disposeData(narrowed.dataId);
  }
}

function convert(
  backend: WebGpu,
  x: tf.TensorInfo,
  from: 4 | "half",
  to: 4 | "half",
  value: string,
): tf.TensorInfo {
  const count = tf.util.sizeFromShape(x.shape) / 4;
  const program = webgpuProgram({
    name: `SeamstressConvert ${from} ${to}`,
    outputShape: x.shape,
    inputs: ["x"],
    widths: [from],
    outputWidth: to,
    uniforms: "count : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(count / THREADS),
    code: `
  fn main(index : i32) {
    if (index < uniforms.count) { result[index] = ${value}; }
  }
`,
  });
  return backend.runWebGPUProgram(program, [x], "float32", [{ type: "int32", data: [count] }]);
}
