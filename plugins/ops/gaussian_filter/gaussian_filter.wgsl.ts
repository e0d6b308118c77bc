import type * as tf from "@tensorflow/tfjs";
import { readerWgsl, widthOf, writerWgsl } from "../webgpu/elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { range } from "../webgpu/range.ts";

/** Invocations per workgroup, a pixel each, and pixels that are in workgroup memory at a time. */
const THREADS = 64;

/** Most columns per workgroup, in vec4 registers of each invocation; further columns are computed by other workgroups. */
const CHUNK = 32;

/**
 * Σ_j exp(−½ ‖points_i − points_j‖²) · values_j. Each invocation keeps the sums of one pixel i in registers, while its workgroup goes
 * through all pixels j, {@linkcode THREADS} at a time in workgroup memory (at most 8 KiB, and 256 bytes for each dimension).
 * Arithmetic: float32, for each pair of pixels 3·D operations, one exp, and C multiply-adds. Memory traffic: points and values are
 * read once by each workgroup. Nothing of the size of the kernel matrix is written.
 *
 * @param backend the current one
 * @param values `[N,P,C]` float32
 * @param points `[N,P,D]` float32
 * @returns `[N,P,C]`
 */
export function runGaussianFilter(
  backend: WebGpu,
  values: tf.TensorInfo,
  points: tf.TensorInfo,
): tf.TensorInfo {
  const [samples, pixels, columns] = values.shape as [number, number, number];
  const depth = points.shape[2]!, width = widthOf(columns);
  const chunk = Math.min(columns, CHUNK), quads = Math.ceil(chunk / 4);
  const chunks = Math.ceil(columns / chunk);
  const blocks = Math.ceil(pixels / THREADS);
  const code = `
  var<workgroup> pointTile : array<f32, ${THREADS * depth}>;
  var<workgroup> valueTile : array<vec4<f32>, ${THREADS * quads}>;
  ${readerWgsl("values", width, "uniforms.columns")}
  fn store(row : i32, at : i32, value : vec4<f32>) {
    let start = row * uniforms.columns;
    ${writerWgsl("value", width, "uniforms.columns")}
  }
  fn main(index : i32) {
    let lane = i32(localIndex);
    let pixels = uniforms.pixels;
    let blocks = (pixels + ${THREADS - 1}) / ${THREADS};
    let group = index / ${THREADS};
    let base = group / blocks % uniforms.samples * pixels;
    let own = group % blocks * ${THREADS} + lane;
    // Beyond the last chunk (tfjs may dispatch more workgroups) nothing is stored: all must reach the barriers.
    let first_column = group / blocks / uniforms.samples * ${CHUNK};
    let at = (base + min(own, pixels - 1)) * ${depth};
    ${range(depth).map((d) => `let point${d} = points[at + ${d}];`).join("\n    ")}
    ${range(quads).map((q) => `var sum${q} : vec4<f32> = vec4<f32>();`).join("\n    ")}
    for (var first : i32 = 0; first < pixels; first = first + ${THREADS}) {
      let source = base + min(first + lane, pixels - 1);
      ${
    range(depth).map((d) => `pointTile[lane * ${depth} + ${d}] = points[source * ${depth} + ${d}];`)
      .join("\n      ")
  }
      ${
    range(quads).map((q) =>
      `valueTile[lane * ${quads} + ${q}] = select(vec4<f32>(),
        read_values(source * uniforms.columns, first_column + ${4 * q}), first + lane < pixels);`
    ).join("\n      ")
  }
      workgroupBarrier();
      for (var s : i32 = 0; s < ${THREADS}; s = s + 1) {
        var squared : f32 = 0.0;
        var apart : f32 = 0.0;
        ${
    range(depth).map((d) =>
      `apart = point${d} - pointTile[s * ${depth} + ${d}]; squared = fma(apart, apart, squared);`
    ).join("\n        ")
  }
        let weight = vec4<f32>(exp(-0.5 * squared));
        ${
    range(quads).map((q) => `sum${q} = fma(weight, valueTile[s * ${quads} + ${q}], sum${q});`)
      .join("\n        ")
  }
      }
      workgroupBarrier();
    }
    if (own < pixels && first_column < uniforms.columns) {
      ${
    range(quads).map((q) => `store(base + own, first_column + ${4 * q}, sum${q});`).join(
      "\n      ",
    )
  }
    }
  }
`;
  const program = webgpuProgram({
    name: `SeamstressGaussianFilter ${depth} ${quads} ${width}`,
    outputShape: values.shape,
    inputs: ["values", "points"],
    widths: [width, 1],
    outputWidth: width,
    uniforms: "samples : i32, pixels : i32, columns : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: blocks * samples * chunks,
    code,
  });
  return backend.runWebGPUProgram(program, [values, points], "float32", [
    ints(samples),
    ints(pixels),
    ints(columns),
  ]);
}
