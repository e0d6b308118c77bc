import type * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv/geometry.ts";
import {
  loadedWgsl,
  storedWgsl,
  storedWidth,
  typeWgsl,
  type Width,
  widthOf,
} from "../webgpu/elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/** Most neighbouring pixels of a row per invocation. */
const RUN = 4;

/**
 * A depthwise convolution: see {@linkcode correlateDepthwise}.
 *
 * @param backend the current one
 * @param x `[N,H,W,C]` float32
 * @param filter `[kh,kw,C,multiplier]`
 * @param geometry of the convolution
 * @param half whether the result is stored in float16; its channels must be a multiple of 4
 * @returns `[N,h,w,C*multiplier]`
 */
export function runDepthwiseConv2d(
  backend: WebGpu,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: ConvGeometry,
  half = false,
): tf.TensorInfo {
  const { output, taps, stride, dilation, pad: [[top], [left]] } = geometry;
  const reads = { taps, stride, step: dilation, origin: [-top, -left] } as const;
  return correlateDepthwise(backend, "Conv2D", x, filter, { ...reads, output, half });
}

/**
 * Mapping from output to input pixels, per axis: pixel `p` of the result reads, for tap `t`, pixel
 * `stride · p + step · t + origin`, 0 outside of the image.
 */
export interface DepthwiseReads {
  readonly taps: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly step: readonly [number, number];
  readonly origin: readonly [number, number];
  /** Shape of the result. */
  readonly output: readonly [number, number, number, number];
  /** Whether the result is stored in float16; its channels must be a multiple of 4. */
  readonly half: boolean;
}

/**
 * Convolves every channel of an image with its own filters. One invocation computes four of the result's channels (one, where they
 * are no multiple of 4) for up to four neighbouring pixels, which share each load of the filter and every pixel that more than one
 * of them reads. Memory traffic: the image is read once per row of taps, from caches after the first, two bytes per element where
 * it is stored in float16 and channels have one filter; the result is written once. Arithmetic: float32 fused multiply-add, taps in
 * order, 2·kh·kw operations per element of the result.
 *
 * @param backend the current one
 * @param name of the kernel
 * @param x `[N,H,W,C]` float32
 * @param filter `[kh,kw,C,multiplier]`
 * @param reads the mapping from output to input pixels
 * @returns `reads.output`, `[N,h,w,C*multiplier]`
 */
export function correlateDepthwise(
  backend: WebGpu,
  name: string,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  { taps, stride, step, origin, output, half }: DepthwiseReads,
): tf.TensorInfo {
  const [samples, height, wide, outputs] = output;
  const single = outputs === x.shape[3]!;
  const width = widthOf(outputs);
  const code: Code = {
    columns: taps[1],
    stride: stride[1],
    step: step[1],
    run: Math.ceil(wide / Math.max(Math.ceil(wide / RUN), 1)),
    // Where channels have several filters, four adjacent output channels do not correspond to four adjacent input channels.
    from: single ? storedWidth(backend, x) : 1,
    width,
    to: half ? "half" : width,
    single,
  };
  const invocations = samples * height * Math.ceil(wide / code.run) * outputs / width;
  const program = webgpuProgram({
    name: `SeamstressDepthwise${name} ${Object.values(code)}`,
    outputShape: output,
    inputs: ["x", "weights"],
    widths: [code.from, width],
    outputWidth: code.to,
    uniforms:
      "image : vec4<i32>, outImage : vec4<i32>, origin : vec2<i32>, rows : i32, stride : i32, step : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(invocations / THREADS),
    code: codeOf(code),
  });
  return backend.runWebGPUProgram(program, [x, filter], "float32", [
    ints(...x.shape),
    ints(...output),
    ints(...origin),
    ints(taps[0]),
    ints(stride[0]),
    ints(step[0]),
  ]);
}

/** The parameters that the generated code depends on. */
interface Code {
  readonly columns: number;
  readonly stride: number;
  readonly step: number;
  readonly run: number;
  readonly from: Width;
  readonly width: 1 | 4;
  readonly to: Width;
  /** Whether channels have one filter. */
  readonly single: boolean;
}

function codeOf({ columns, stride, step, run, from, width, to, single }: Code): string {
  const type = typeWgsl(width);
  const pixels = Array.from({ length: run }, (_, p) => p);
  const taps = Array.from({ length: columns }, (_, j) => j);
  // Input columns that the run of pixels reads; a column shared by several pixels is loaded once.
  const offsets = [...new Set(pixels.flatMap((p) => taps.map((j) => p * stride + j * step)))]
    .sort((a, b) => a - b);
  const seen = (p: number, j: number) => `x${offsets.indexOf(p * stride + j * step)}`;
  const elements = [0, 1, 2, 3].slice(0, width)
    .map((i) => `x[pixel * uniforms.image.w + (output * ${width} + ${i}) / multiplier]`);
  const element = single
    ? loadedWgsl("x[pixel * outputs + output]", from)
    : `${type}(${elements.join(", ")})`;
  return `
  fn pixel_of_run(start : i32, column : i32, outputs : i32, output : i32) -> ${type} {
    let pixel = start + clamp(column, 0, uniforms.image.z - 1);
    let multiplier = uniforms.outImage.w / uniforms.image.w;
    return select(${type}(), ${element}, column >= 0 && column < uniforms.image.z);
  }
  fn main(index : i32) {
    let outputs = uniforms.outImage.w / ${width};
    let runs = (uniforms.outImage.z + ${run - 1}) / ${run};
    let output = index % outputs;
    let line = index / outputs / runs;
    let column = index / outputs % runs * ${run};
    if (line >= uniforms.outImage.x * uniforms.outImage.y) { return; }
    let sample = line / uniforms.outImage.y;
    let top = line % uniforms.outImage.y * uniforms.stride + uniforms.origin.x;
    let left = column * ${stride} + uniforms.origin.y;
    ${pixels.map((p) => `var sum${p} : ${type} = ${type}();`).join("\n    ")}
    for (var i : i32 = 0; i < uniforms.rows; i = i + 1) {
      let y = top + i * uniforms.step;
      if (y >= 0 && y < uniforms.image.y) {
        let start = (sample * uniforms.image.y + y) * uniforms.image.z;
        ${
    taps.map((j) => `let w${j} = weights[(i * ${columns} + ${j}) * outputs + output];`)
      .join("\n        ")
  }
        ${
    offsets.map((offset, i) =>
      `let x${i} = pixel_of_run(start, left + ${offset}, outputs, output);`
    )
      .join("\n        ")
  }
        ${
    pixels.flatMap((p) => taps.map((j) => `sum${p} = fma(${seen(p, j)}, w${j}, sum${p});`))
      .join("\n        ")
  }
      }
    }
    let to = (line * uniforms.outImage.z + column) * outputs + output;
    ${
    pixels.map((p) =>
      `if (column + ${p} < uniforms.outImage.z) { result[to + ${p} * outputs] = ${
        storedWgsl(`sum${p}`, to)
      }; }`
    ).join("\n    ")
  }
  }
`;
}
