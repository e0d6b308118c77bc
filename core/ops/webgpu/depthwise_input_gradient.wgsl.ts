import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv_geometry.ts";
import { widthOf } from "./elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "./program.ts";

/** Invocations a workgroup. */
const THREADS = 64;

/**
 * Gradient of a depthwise convolution towards its input: one invocation gathers four channels of a pixel (one, where C is no multiple
 * of 4 or a channel has several filters) from the taps that meet it. Traffic: dy once a tap, from caches for all but the first; the
 * result once. Arithmetic: float32 fused multiply-add, taps in order; 2·N·H·W·C·kh·kw operations at stride 1.
 *
 * @param backend the current one
 * @param dy `[N,h,w,C*multiplier]` float32
 * @param filter `[kh,kw,C,multiplier]`
 * @param geometry of the convolution
 * @returns `[N,H,W,C]`
 */
export function runDepthwiseInputGradient(
  backend: WebGpu,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: ConvGeometry,
): tf.TensorInfo {
  const channels = geometry.input[3], multiplier = geometry.output[3] / channels;
  const width = multiplier === 1 ? widthOf(channels) : 1;
  const type = width === 4 ? "vec4<f32>" : "f32";
  const program = webgpuProgram({
    name: `SeamstressDepthwiseInputGradient ${width}`,
    outputShape: geometry.input,
    inputs: ["dy", "weights"],
    widths: [width, width],
    outputWidth: width,
    uniforms:
      "image : vec4<i32>, dyImage : vec2<i32>, taps : vec2<i32>, stride : vec2<i32>, dilation : vec2<i32>, pad : vec2<i32>, multiplier : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(tf.util.sizeFromShape([...geometry.input]) / width / THREADS),
    code: `
  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    let channels = uniforms.image.w / ${width};
    let channel = index % channels;
    let pixel = index / channels;
    let line = pixel / uniforms.image.z;
    let sample = line / uniforms.image.y;
    let at = vec2<i32>(line % uniforms.image.y, pixel % uniforms.image.z) + uniforms.pad;
    var sum : ${type} = ${type}();
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
          sum = fma(dy[start + m], weights[tap + m], sum);
        }
      }
    }
    result[index] = sum;
  }
`,
  });
  return backend.runWebGPUProgram(program, [dy, filter], "float32", [
    ints(...geometry.input),
    ints(geometry.output[1], geometry.output[2]),
    ints(...geometry.taps),
    ints(...geometry.stride),
    ints(...geometry.dilation),
    ints(geometry.pad[0][0], geometry.pad[1][0]),
    ints(multiplier),
  ]);
}
