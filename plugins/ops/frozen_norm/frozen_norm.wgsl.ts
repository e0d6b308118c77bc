import * as tf from "@tensorflow/tfjs";
import type { FrozenNormAttributes } from "./attributes.ts";
import { loadedWgsl, storedWgsl, storedWidth, typeWgsl, widthOf } from "../webgpu/elements.wgsl.ts";
import { type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/** WGSL of an activation of `y`; NaN stays: it must reach the loss. */
const ACTIVATE: Readonly<Record<FrozenNormAttributes["activation"], string>> = {
  none: "y",
  relu: "select(y, ZERO, y < ZERO)",
  relu6: "select(select(y, ZERO, y < ZERO), ZERO + 6.0, y > ZERO + 6.0)",
};

/** WGSL condition under which an activation passes gradients, given its result `y`. */
const OPEN: Readonly<Record<FrozenNormAttributes["activation"], string>> = {
  none: "slope",
  relu: "select(ZERO, slope, y > ZERO)",
  relu6: "select(ZERO, slope, (y > ZERO) & (y < ZERO + 6.0))",
};

/**
 * Batch normalisation with fixed statistics, and its activation: one invocation per four channels of a pixel, or per channel where
 * C is no multiple of 4. Memory traffic: x is read once, the result is written once, the vectors come from caches. Arithmetic:
 * float32.
 *
 * @param backend the current one
 * @param x `[…,C]` float32
 * @param vectors `[C]`: mean, variance, weight, bias
 * @param attributes epsilon and activation
 * @param half whether the result is stored in float16; C must be a multiple of 4
 * @returns x's shape
 */
export function runFrozenNorm(
  backend: WebGpu,
  x: tf.TensorInfo,
  vectors: readonly [
    mean: tf.TensorInfo,
    variance: tf.TensorInfo,
    weight: tf.TensorInfo,
    bias: tf.TensorInfo,
  ],
  attributes: FrozenNormAttributes,
  half = false,
): tf.TensorInfo {
  return run(
    backend,
    "SeamstressFrozenNorm",
    { ...attributes, half },
    [
      ["x", x],
      ["mean", vectors[0]],
      ["variance", vectors[1]],
      ["weight", vectors[2]],
      ["bias", vectors[3]],
    ],
    `
    let scale = weight[c] * inverseSqrt(variance[c] + uniforms.epsilon);
    let y = fma(read_x(index) - mean[c], scale, bias[c]);
    let value = ${ACTIVATE[attributes.activation]};`,
  );
}

/**
 * Gradient of {@linkcode runFrozenNorm} towards x. Memory traffic: dy and y are read once, the result is written once.
 *
 * @param backend the current one
 * @param dy `[…,C]` float32
 * @param y the forward result; not needed where the activation is `none`
 * @param vectors `[C]`: variance, weight
 * @param attributes as forward
 * @param half whether the result is stored in float16; C must be a multiple of 4
 * @returns dy's shape
 */
export function runFrozenNormGradient(
  backend: WebGpu,
  dy: tf.TensorInfo,
  y: tf.TensorInfo | undefined,
  vectors: readonly [variance: tf.TensorInfo, weight: tf.TensorInfo],
  attributes: FrozenNormAttributes,
  half = false,
): tf.TensorInfo {
  return run(
    backend,
    "SeamstressFrozenNormGradient",
    { ...attributes, half },
    [
      ["dy", dy],
      ...y === undefined ? [] : [["output", y] as const],
      ["variance", vectors[0]],
      ["weight", vectors[1]],
    ],
    `
    let slope = read_dy(index) * weight[c] * inverseSqrt(variance[c] + uniforms.epsilon);
    ${y === undefined ? "" : "let y = read_output(index);"}
    let value = ${y === undefined ? "slope" : OPEN[attributes.activation]};`,
  );
}

/** Runs a kernel whose statements see an element's `index` and its channel `c`, and declare `value`, the result's element. */
function run(
  backend: WebGpu,
  name: string,
  { activation, epsilon, half }: FrozenNormAttributes & { readonly half: boolean },
  inputs: readonly (readonly [name: string, tensor: tf.TensorInfo])[],
  statements: string,
): tf.TensorInfo {
  const { shape } = inputs[0]![1], channels = shape.at(-1)!, width = widthOf(channels);
  const count = tf.util.sizeFromShape(shape) / width;
  const widths = inputs.map(([, tensor]) => storedWidth(backend, tensor));
  const type = typeWgsl(width), to = half ? "half" : width;
  const program = webgpuProgram({
    name: `${name} ${activation} ${widths}${half ? " half" : ""}`,
    outputShape: shape,
    inputs: inputs.map(([name]) => name),
    widths,
    outputWidth: to,
    uniforms: "channels : i32, count : i32, epsilon : f32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(count / THREADS),
    code: `
  const ZERO = ${type}();
  ${
      inputs.map(([name], i) =>
        `fn read_${name}(index : i32) -> ${type} { return ${
          loadedWgsl(`${name}[index]`, widths[i]!)
        }; }`
      ).join("\n  ")
    }
  fn main(index : i32) {
    if (index >= uniforms.count) { return; }
    let c = index % uniforms.channels;
    ${statements}
    result[index] = ${storedWgsl("value", to)};
  }
`,
  });
  return backend.runWebGPUProgram(program, inputs.map(([, tensor]) => tensor), "float32", [
    { type: "int32", data: [channels / width] },
    { type: "int32", data: [count] },
    { type: "float32", data: [epsilon] },
  ]);
}
