import * as tf from "@tensorflow/tfjs";
import {
  loadedWgsl,
  storedWgsl,
  storedWidth,
  type Width,
  widthOf,
} from "../webgpu/elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/** How the second of two tensors broadcasts to the first, `[…,C]`: the WGSL index of its vector for vector `index` of the first. */
const BROADCASTS = {
  /** The same shape. */
  same: "index",
  /** `[N,1,1,C]`. */
  samples: "index / uniforms.image * uniforms.channels + index % uniforms.channels",
  /** `[C]`, with ones before. */
  channels: "index % uniforms.channels",
  /** One element. */
  scalar: "0",
} as const;

/** WGSL of an activation of `a`. NaN stays NaN, so that it reaches the loss. */
const ACTIVATIONS = {
  relu: "select(a, vec4<f32>(), a < vec4<f32>())",
  relu6: "select(select(a, vec4<f32>(), a < vec4<f32>()), vec4<f32>(6.0), a > vec4<f32>(6.0))",
} as const;

/**
 * Adds or multiplies two tensors, either of which may be stored as float16: gradients where two paths join, biases, and dropout of
 * channels. One invocation per four channels. Memory traffic: each feature map once, two bytes per element where it is stored as
 * float16; smaller tensors are read from caches. Arithmetic: float32.
 *
 * @param backend the current one
 * @param operator in WGSL
 * @param a `[…,C]` float32, or one of the smaller ones
 * @param b the same shape, `[N,1,1,C]`, `[C]` with any ones before it, or one element
 * @param half whether the result is stored as float16
 * @returns a tensor of the larger one's shape; undefined where the shapes are none of these, or C is no multiple of 4
 */
export function combineHalves(
  backend: WebGpu,
  operator: "+" | "*",
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  half: boolean,
): tf.TensorInfo | undefined {
  const broadcast = broadcastOf(a.shape, b.shape);
  if (broadcast === undefined) {
    return broadcastOf(b.shape, a.shape) && combineHalves(backend, operator, b, a, half);
  }
  const other = storedWidth(backend, b);
  return run(
    backend,
    `${operator} ${broadcast}`,
    [a, b],
    `let b = vec4<f32>(${loadedWgsl(`b[${BROADCASTS[broadcast]}]`, other)});
    let value = a ${operator} b;`,
    half,
  );
}

/**
 * Rectifies a tensor that may be stored as float16. One invocation per four channels. Memory traffic: input and result once each.
 *
 * @param backend the current one
 * @param activation to apply
 * @param x `[…,C]` float32
 * @param half whether the result is stored as float16
 * @returns a tensor of x's shape; undefined where C is no multiple of 4
 */
export function activateHalves(
  backend: WebGpu,
  activation: keyof typeof ACTIVATIONS,
  x: tf.TensorInfo,
  half: boolean,
): tf.TensorInfo | undefined {
  if (widthOf(x.shape.at(-1) ?? 1) !== 4) return undefined;
  return run(backend, activation, [x], `let value = ${ACTIVATIONS[activation]};`, half);
}

/** How the second tensor broadcasts to the first; undefined where it cannot in vectors of four. */
function broadcastOf(
  shape: number[],
  other: number[],
): keyof typeof BROADCASTS | undefined {
  const channels = shape.at(-1) ?? 1;
  if (widthOf(channels) !== 4 || other.length > shape.length) return undefined;
  if (tf.util.arraysEqual(shape, other)) return "same";
  const count = tf.util.sizeFromShape(other);
  if (count === 1) return "scalar";
  if (count === channels && other.at(-1) === channels) return "channels";
  const [samples] = shape;
  return shape.length === 4 && other.join() === [samples, 1, 1, channels].join()
    ? "samples"
    : undefined;
}

/**
 * Runs WGSL statements for every vector `a` of four elements of the first tensor, which has the result's shape. They declare `value`,
 * the vector of the result.
 */
function run(
  backend: WebGpu,
  name: string,
  inputs: readonly tf.TensorInfo[],
  statements: string,
  half: boolean,
): tf.TensorInfo {
  const { shape } = inputs[0]!, channels = shape.at(-1)!;
  const widths = inputs.map((input) => storedWidth(backend, input));
  const to: Width = half ? "half" : 4;
  const count = tf.util.sizeFromShape(shape) / 4;
  const program = webgpuProgram({
    name: `SeamstressHalf ${name} ${widths} ${to}`,
    outputShape: shape,
    inputs: ["a", "b"].slice(0, inputs.length),
    widths,
    outputWidth: to,
    uniforms: "count : i32, image : i32, channels : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(count / THREADS),
    code: `
  fn main(index : i32) {
    if (index >= uniforms.count) { return; }
    let a = ${loadedWgsl("a[index]", widths[0]!)};
    ${statements}
    result[index] = ${storedWgsl("value", to)};
  }
`,
  });
  return backend.runWebGPUProgram(program, [...inputs], "float32", [
    ints(count),
    ints(count / Math.max(shape[0]!, 1)),
    ints(channels / 4),
  ]);
}
