import * as tf from "@tensorflow/tfjs";
import type { ReducedAxes } from "../reduce/reduced_axes.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 256;

/** From this many elements per maximum on, a whole workgroup processes one maximum. */
const MANY = 1024;

/**
 * Gradient of a maximum that goes to the first element that equals it. One kernel finds its position, with one invocation or
 * workgroup per maximum; a second one writes the gradient. Memory traffic: x is read at most once, dx is written once; a
 * composition needs a pass over memory for each of its comparisons, selections, reductions and products. The result is
 * deterministic: of all positions the smallest is taken.
 *
 * @param backend the current one
 * @param x float32, of `outer * middle * inner` elements
 * @param max float32, of `outer * inner`
 * @param dy like `max`
 * @param reduced the reduced axes of x
 * @returns the gradient, of x's shape
 */
export function runMaxOneGradient(
  backend: WebGpu,
  { x, max, dy }: {
    readonly x: tf.TensorInfo;
    readonly max: tf.TensorInfo;
    readonly dy: tf.TensorInfo;
  },
  reduced: ReducedAxes,
): tf.TensorInfo {
  const { outer, middle, inner } = reduced;
  const together = middle >= MANY;
  const find = webgpuProgram({
    name: `SeamstressFirstPosition ${together}`,
    outputShape: [outer * inner],
    inputs: ["x", "maxima"],
    uniforms: "middle : i32, inner : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: together ? outer * inner : Math.ceil(outer * inner / THREADS),
    code: together ? FIND_TOGETHER : FIND_ALONE,
  });
  const uniforms = [ints(middle), ints(inner)];
  const first = backend.runWebGPUProgram(find, [x, max], "int32", uniforms);
  const write = webgpuProgram({
    name: "SeamstressMaxOneGradient",
    outputShape: x.shape,
    inputs: ["first", "dy"],
    uniforms: "middle : i32, inner : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(tf.util.sizeFromShape(x.shape) / THREADS),
    code: WRITE,
  });
  const dx = backend.runWebGPUProgram(write, [first, dy], "float32", uniforms);
  backend.disposeData(first.dataId);
  return dx;
}

/** `size` is the number of maxima; a maximum that equals no element (NaN) gets the position after the last. */
const FIND_ALONE = `
  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    let start = index / uniforms.inner * uniforms.middle * uniforms.inner + index % uniforms.inner;
    let highest = maxima[index];
    var at : i32 = 0;
    while (at < uniforms.middle && x[start + at * uniforms.inner] != highest) { at = at + 1; }
    result[index] = at;
  }
`;

const FIND_TOGETHER = `
  var<workgroup> positions : array<i32, ${THREADS}>;

  fn main(index : i32) {
    let lane = i32(localIndex);
    // Workgroups beyond the last maximum (tfjs may dispatch more) repeat it: all must reach the barriers.
    let maximum = min(index / ${THREADS}, uniforms.size - 1);
    let start = maximum / uniforms.inner * uniforms.middle * uniforms.inner + maximum % uniforms.inner;
    let highest = maxima[maximum];
    var at : i32 = lane;
    while (at < uniforms.middle && x[start + at * uniforms.inner] != highest) {
      at = at + ${THREADS};
    }
    positions[lane] = min(at, uniforms.middle);
    workgroupBarrier();
    for (var half : i32 = ${THREADS / 2}; half > 0; half = half / 2) {
      if (lane < half) { positions[lane] = min(positions[lane], positions[lane + half]); }
      workgroupBarrier();
    }
    if (lane == 0) { result[maximum] = positions[0]; }
  }
`;

const WRITE = `
  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    let outer = index / uniforms.inner / uniforms.middle;
    let maximum = outer * uniforms.inner + index % uniforms.inner;
    let at = index / uniforms.inner % uniforms.middle;
    result[index] = select(0.0, dy[maximum], at == first[maximum]);
  }
`;
