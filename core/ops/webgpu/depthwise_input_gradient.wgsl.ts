import type * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv_geometry.ts";
import { type Width, widthOf } from "./elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "./program.ts";

/** Invocations a workgroup. */
const THREADS = 64;

/** Neighbouring pixels of a row that an invocation computes where the stride is 1. */
const RUN = 4;

/**
 * Gradient of a depthwise convolution towards its input: one invocation gathers four channels (one, where C is no multiple of 4 or a
 * channel has several filters) from the taps that meet a pixel; at stride 1 those of four neighbouring pixels, which share each load
 * of the filter and, undilated, of dy. Traffic: dy once a row of taps, from caches for all but the first; the result once. Arithmetic:
 * float32 fused multiply-add, taps in order; 2·N·H·W·C·kh·kw operations at stride 1.
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
  const { input: [samples, height, wide, channels], output, taps, stride, dilation, pad } =
    geometry;
  const multiplier = output[3] / channels;
  const width = multiplier === 1 ? widthOf(channels) : 1;
  const runs = multiplier === 1 && stride[0] === 1 && stride[1] === 1;
  const invocations = samples * height * (runs ? Math.ceil(wide / RUN) : wide) * channels / width;
  const program = webgpuProgram({
    name: `SeamstressDepthwiseInputGradient ${width}${
      runs ? ` ${taps[1]} ${dilation[1] === 1 ? "window" : "taps"}` : ""
    }`,
    outputShape: geometry.input,
    inputs: ["dy", "weights"],
    widths: [width, width],
    outputWidth: width,
    uniforms:
      "image : vec4<i32>, dyImage : vec2<i32>, taps : vec2<i32>, stride : vec2<i32>, dilation : vec2<i32>, pad : vec2<i32>, multiplier : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(invocations / THREADS),
    code: runs ? runCode(width, taps[1], dilation[1] === 1) : pixelCode(width),
  });
  return backend.runWebGPUProgram(program, [dy, filter], "float32", [
    ints(...geometry.input),
    ints(output[1], output[2]),
    ints(...taps),
    ints(...stride),
    ints(...dilation),
    ints(pad[0][0], pad[1][0]),
    ints(multiplier),
  ]);
}

const typeOf = (width: Width) => width === 4 ? "vec4<f32>" : "f32";

/** Any stride and multiplier, a pixel an invocation. */
function pixelCode(width: Width): string {
  return `
  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    let channels = uniforms.image.w / ${width};
    let channel = index % channels;
    let pixel = index / channels;
    let line = pixel / uniforms.image.z;
    let sample = line / uniforms.image.y;
    let at = vec2<i32>(line % uniforms.image.y, pixel % uniforms.image.z) + uniforms.pad;
    var sum : ${typeOf(width)} = ${typeOf(width)}();
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
`;
}

/** Stride 1, one filter a channel, a run of pixels an invocation. `window`: neighbouring taps meet neighbouring pixels. */
function runCode(width: Width, columns: number, window: boolean): string {
  const pixels = Array.from({ length: RUN }, (_, p) => p);
  const taps = Array.from({ length: columns }, (_, j) => j);
  const read = (name: string, offset: string) => `
        let ${name}At = z + ${offset};
        let ${name} = select(${
    typeOf(width)
  }(), dy[(start + clamp(${name}At, 0, uniforms.dyImage.y - 1)) * channels + channel], ${name}At >= 0 && ${name}At < uniforms.dyImage.y);`;
  const seen = (p: number, j: number) => window ? `w${p - j + columns - 1}` : `w${p}_${j}`;
  const reads = window
    ? Array.from({ length: RUN + columns - 1 }, (_, w) => read(`w${w}`, `${w - columns + 1}`))
    : pixels.flatMap((p) => taps.map((j) => read(seen(p, j), `${p} - ${j} * uniforms.dilation.y`)));
  return `
  fn main(index : i32) {
    let channels = uniforms.image.w / ${width};
    let runs = (uniforms.image.z + ${RUN - 1}) / ${RUN};
    let channel = index % channels;
    let line = index / channels / runs;
    let column = index / channels % runs * ${RUN};
    if (line >= uniforms.image.x * uniforms.image.y) { return; }
    let sample = line / uniforms.image.y;
    let z = column + uniforms.pad.y;
    ${pixels.map((p) => `var s${p} : ${typeOf(width)} = ${typeOf(width)}();`).join("\n    ")}
    for (var i : i32 = 0; i < uniforms.taps.x; i = i + 1) {
      let y = line % uniforms.image.y + uniforms.pad.x - i * uniforms.dilation.x;
      if (y >= 0 && y < uniforms.dyImage.x) {
        let start = (sample * uniforms.dyImage.x + y) * uniforms.dyImage.y;
        ${
    taps.map((j) => `let f${j} = weights[(i * ${columns} + ${j}) * channels + channel];`).join(
      "\n        ",
    )
  }
        ${reads.join("")}
        ${
    pixels.flatMap((p) => taps.map((j) => `s${p} = fma(${seen(p, j)}, f${j}, s${p});`))
      .join("\n        ")
  }
      }
    }
    let to = (line * uniforms.image.z + column) * channels + channel;
    ${
    pixels.map((p) =>
      `if (column + ${p} < uniforms.image.z) { result[to + ${p} * channels] = s${p}; }`
    ).join("\n    ")
  }
  }
`;
}
