import type * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv/geometry.ts";
import { loadedWgsl, storedWidth, typeWgsl, type Width, widthOf } from "../webgpu/elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { splitSum, sumParts } from "../webgpu/sum_parts.wgsl.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/**
 * Gradient of a depthwise convolution towards its filter: one invocation sums one row of taps for four channels (one, where C is no
 * multiple of 4 or a channel has several filters) over a part of the output's lines; a second pass adds the parts in a fixed order.
 * Neighbouring invocations read neighbouring channels. Memory traffic: x is read once per tap and dy once per row of taps, from
 * caches after the first, two bytes per element where they are stored in float16 and channels have one filter; the partial results are
 * written and read once. Arithmetic: float32 fused multiply-add, 2·N·h·w·C·kh·kw operations and the parts' sum.
 *
 * @param backend the current one
 * @param x `[N,H,W,C]` float32
 * @param dy `[N,h,w,C*multiplier]`
 * @param geometry of the convolution
 * @returns `[kh,kw,C,multiplier]`
 */
export function runDepthwiseFilterGradient(
  backend: WebGpu,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  geometry: ConvGeometry,
): tf.TensorInfo {
  const { input: [samples, , , channels], output: [, oh, ow, outputs], taps } = geometry;
  const multiplier = outputs / channels;
  const width = multiplier === 1 ? widthOf(channels) : 1;
  const widths = multiplier === 1
    ? [storedWidth(backend, x), storedWidth(backend, dy)] as const
    : [1, 1] as const;
  const shape = [...taps, channels, multiplier];
  const invocations = taps[0] * outputs / width;
  const { parts, lines } = splitSum(backend, {
    lines: samples * oh,
    pixels: ow,
    size: taps[0] * taps[1] * outputs,
    workgroups: Math.ceil(invocations / THREADS),
  });
  const program = webgpuProgram({
    name: `SeamstressDepthwiseFilterGradient ${widths} ${taps[1]}`,
    outputShape: parts === 1 ? shape : [parts, ...shape],
    inputs: ["x", "dy"],
    widths,
    outputWidth: width,
    uniforms:
      "image : vec4<i32>, outImage : vec2<i32>, stride : vec2<i32>, dilation : vec2<i32>, pad : vec2<i32>, taps : i32, multiplier : i32, lines : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(invocations * parts / THREADS),
    code: code(widths, width, taps[1]),
  });
  const result = backend.runWebGPUProgram(program, [x, dy], "float32", [
    ints(...geometry.input),
    ints(oh, ow),
    ints(...geometry.stride),
    ints(...geometry.dilation),
    ints(geometry.pad[0][0], geometry.pad[1][0]),
    ints(taps[0]),
    ints(multiplier),
    ints(lines),
  ]);
  if (parts === 1) return result;
  const sum = sumParts(backend, result, shape);
  backend.disposeData(result.dataId);
  return sum;
}

/** Generates the code: each tap of a row has its own sum, and all share every load of dy. */
function code(
  [x, dy]: readonly [Width, Width],
  width: 1 | 4,
  columns: number,
): string {
  const type = typeWgsl(width);
  const taps = Array.from({ length: columns }, (_, j) => j);
  return `
  fn main(index : i32) {
    let image = uniforms.image;
    let channels = image.w / ${width};
    let outputs = channels * uniforms.multiplier;
    let output = index % outputs;
    let channel = output / uniforms.multiplier;
    let tapRow = index / outputs % uniforms.taps;
    let part = index / (outputs * uniforms.taps);
    let all = image.x * uniforms.outImage.x;
    if (part * uniforms.lines >= all) { return; }
    ${taps.map((j) => `var sum${j} : ${type} = ${type}();`).join("\n    ")}
    for (var line : i32 = part * uniforms.lines; line < min((part + 1) * uniforms.lines, all); line = line + 1) {
      let y = line % uniforms.outImage.x * uniforms.stride.x + tapRow * uniforms.dilation.x - uniforms.pad.x;
      if (y < 0 || y >= image.y) { continue; }
      let first = (line / uniforms.outImage.x * image.y + y) * image.z;
      for (var z : i32 = 0; z < uniforms.outImage.y; z = z + 1) {
        let slope = ${loadedWgsl("dy[(line * uniforms.outImage.y + z) * outputs + output]", dy)};
        ${
    taps.map((j) => `
        let z${j} = z * uniforms.stride.y + ${j} * uniforms.dilation.y - uniforms.pad.y;
        let x${j} = ${
      loadedWgsl(`x[(first + clamp(z${j}, 0, image.z - 1)) * channels + channel]`, x)
    };
        sum${j} = select(sum${j}, fma(x${j}, slope, sum${j}), z${j} >= 0 && z${j} < image.z);`)
      .join("")
  }
      }
    }
    let start = ((part * uniforms.taps + tapRow) * ${columns}) * outputs + output;
    ${taps.map((j) => `result[start + ${j} * outputs] = sum${j};`).join("\n    ")}
  }
`;
}
