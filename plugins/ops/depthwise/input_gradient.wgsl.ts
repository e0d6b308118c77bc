import type * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv/geometry.ts";
import { correlateDepthwise } from "./depthwise_conv2d.wgsl.ts";
import {
  loadedWgsl,
  storedWgsl,
  storedWidth,
  typeWgsl,
  type Width,
  widthOf,
} from "../webgpu/elements.wgsl.ts";
import { narrow } from "../webgpu/half.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/**
 * Gradient of a depthwise convolution towards its input. At stride 1 it is a depthwise convolution itself, taps in reverse: see
 * {@linkcode correlateDepthwise}. Otherwise one invocation computes four channels of a pixel (one, where C is no multiple of 4 or a
 * channel has several filters) from the taps that read it. Memory traffic: dy is read once per row of taps, from caches after the
 * first, two bytes per element where it is stored in float16 and channels have one filter; the result once. Arithmetic: float32 fused
 * multiply-add, taps in order; 2·N·H·W·C·kh·kw operations at stride 1.
 *
 * @param backend the current one
 * @param dy `[N,h,w,C*multiplier]` float32
 * @param filter `[kh,kw,C,multiplier]`
 * @param geometry of the convolution
 * @param half whether the result is stored in float16; C must be a multiple of 4
 * @returns `[N,H,W,C]`
 */
export function runDepthwiseInputGradient(
  backend: WebGpu,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: ConvGeometry,
  half = false,
): tf.TensorInfo {
  const { input, output, taps, stride, dilation, pad: [[top], [left]] } = geometry;
  const channels = input[3];
  if (output[3] !== channels) {
    const floats = gather(backend, dy, filter, geometry, [1, 1, 1]);
    if (!half) return floats;
    const halves = narrow(backend, floats);
    backend.disposeData(floats.dataId);
    return halves;
  }
  if (stride[0] === 1 && stride[1] === 1) {
    const step = [-dilation[0], -dilation[1]] as const;
    const reads = { taps, stride, step, origin: [top, left], output: input, half } as const;
    return correlateDepthwise(backend, "InputGradient", dy, filter, reads);
  }
  const width = widthOf(channels);
  const widths = [storedWidth(backend, dy), width, half ? "half" : width] as const;
  return gather(backend, dy, filter, geometry, widths);
}

/**
 * Generates the kernel for any stride and multiplier, one pixel per invocation. `widths`: of dy, filter and result; all 1 where
 * channels have several filters.
 */
function gather(
  backend: WebGpu,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  { input, output, taps, stride, dilation, pad }: ConvGeometry,
  widths: readonly [dy: Width, filter: 1 | 4, result: Width],
): tf.TensorInfo {
  const count = input[0] * input[1] * input[2] * input[3] / widths[1];
  const program = webgpuProgram({
    name: `SeamstressDepthwiseInputGradient gather ${widths}`,
    outputShape: input,
    inputs: ["dy", "weights"],
    widths: widths.slice(0, 2),
    outputWidth: widths[2],
    uniforms:
      "image : vec4<i32>, dyImage : vec2<i32>, taps : vec2<i32>, stride : vec2<i32>, dilation : vec2<i32>, pad : vec2<i32>, multiplier : i32, count : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(count / THREADS),
    code: gatherCode(widths),
  });
  return backend.runWebGPUProgram(program, [dy, filter], "float32", [
    ints(...input),
    ints(output[1], output[2]),
    ints(...taps),
    ints(...stride),
    ints(...dilation),
    ints(pad[0][0], pad[1][0]),
    ints(output[3] / input[3]),
    ints(count),
  ]);
}

function gatherCode([from, width, to]: readonly [Width, 1 | 4, Width]): string {
  return `
  fn main(index : i32) {
    if (index >= uniforms.count) { return; }
    let channels = uniforms.image.w / ${width};
    let channel = index % channels;
    let pixel = index / channels;
    let line = pixel / uniforms.image.z;
    let sample = line / uniforms.image.y;
    let at = vec2<i32>(line % uniforms.image.y, pixel % uniforms.image.z) + uniforms.pad;
    var sum : ${typeWgsl(width)} = ${typeWgsl(width)}();
    for (var i : i32 = 0; i < uniforms.taps.x; i = i + 1) {
      let y = at.x - i * uniforms.dilation.x;
      let r = y / uniforms.stride.x;
      if (y < 0 || r >= uniforms.dyImage.x || r * uniforms.stride.x != y) { continue; }
      for (var j : i32 = 0; j < uniforms.taps.y; j = j + 1) {
        let z = at.y - j * uniforms.dilation.y;
        let q = z / uniforms.stride.y;
        if (z < 0 || q >= uniforms.dyImage.y || q * uniforms.stride.y != z) { continue; }
        let start = (((sample * uniforms.dyImage.x + r) * uniforms.dyImage.y + q) * channels + channel) * uniforms.multiplier;
        let tap = ((i * uniforms.taps.y + j) * channels + channel) * uniforms.multiplier;
        for (var m : i32 = 0; m < uniforms.multiplier; m = m + 1) {
          sum = fma(${loadedWgsl("dy[start + m]", from)}, weights[tap + m], sum);
        }
      }
    }
    result[index] = ${storedWgsl("sum", to)};
  }
`;
}
