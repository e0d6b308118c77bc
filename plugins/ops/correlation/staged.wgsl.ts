import type { CorrelationKernel, CorrelationShape } from "./generated_kernel.ts";
import { readerWgsl, transposeWgsl, widthOf, writerWgsl } from "../webgpu/elements.wgsl.ts";
import { range } from "../webgpu/range.ts";

/** Invocations per workgroup along pixels j, four each. */
const ROW_LANES = 16;

/** Invocations per workgroup along pixels i, four each, and along the columns of the sums. */
const SOURCE_LANES = 8;

/** Pixels j whose sums a workgroup holds. */
const ROWS = 4 * ROW_LANES;

/** Pixels i whose weights a workgroup computes at a time. */
const SOURCES = 4 * SOURCE_LANES;

/** Channels per load into workgroup memory. */
const DEPTH = 16;

const THREADS = ROW_LANES * SOURCE_LANES;

/** Most columns per workgroup, in 32 vec4 registers per invocation; further columns are computed by other workgroups. */
const CHUNK = 256;

/**
 * The kernel for GPUs: see `runCorrelation`. A workgroup of 128 holds the sums of {@linkcode ROWS} pixels j in registers and goes
 * through all pixels i, {@linkcode SOURCES} at a time: it loads {@linkcode DEPTH} channels of both together, each invocation adds
 * up 4 x 4 weights, puts them into workgroup memory, and each adds the values of all SOURCES to its own 4 pixels' columns.
 * Workgroup memory: 15 KiB, within the limit that every WebGPU device has. Rows are padded by one column, so that a transposed load
 * has no bank conflicts. Memory traffic per pair of pixels: (1/ROWS + 1/SOURCES)·D elements of the vectors, C/ROWS of the values.
 *
 * @param shape sizes that the kernel is generated for
 * @returns the kernel
 */
export function stagedCorrelation(
  { depth, columns, slopeDepth }: CorrelationShape,
): CorrelationKernel {
  const chunk = Math.min(columns, CHUNK), chunks = Math.ceil(columns / chunk);
  const turns = range(Math.ceil(chunk / 4 / SOURCE_LANES));
  const gradient = slopeDepth !== undefined;
  const values = gradient ? "unit" : "values";
  const reader = (name: string, length: number, uniform: string) =>
    readerWgsl(name, widthOf(length), `uniforms.${uniform}`);
  const load = (tile: string, from: string, block: string, pixel: string, length: string) => `
          let quad = ${block} / ${DEPTH / 4};
          let channel = ${block} % ${DEPTH / 4} * 4;
          ${
    range(4).map((r) =>
      `let tr${r} = read_${from}((base + min(${pixel} + quad * 4 + ${r}, pixels - 1)) * uniforms.${length}, k + channel);`
    ).join("\n          ")
  }
          ${transposeWgsl("t", 4)}
          ${
    range(4).map((q) => `${tile}Tile[(channel + ${q}) * ${stride[tile]} + quad] = tq${q};`).join(
      "\n          ",
    )
  }`;
  const product = (sum: string, a: string, b: string, length: string) => `
      ${range(4).map((i) => `var ${sum}${i} : vec4<f32> = vec4<f32>();`).join(" ")}
      for (var k : i32 = 0; k < uniforms.${length}; k = k + ${DEPTH}) {
        if (lane < ${ROW_LANES * DEPTH / 4}) {${load("row", a, "lane", "start", length)}
        } else if (lane < ${(ROW_LANES + SOURCE_LANES) * DEPTH / 4}) {
          let block = lane - ${ROW_LANES * DEPTH / 4};${load("source", b, "block", "first", length)}
        }
        workgroupBarrier();
        for (var q : i32 = 0; q < ${DEPTH}; q = q + 1) {
          let a = rowTile[q * ${stride.row} + rowLane];
          let b = sourceTile[q * ${stride.source} + sourceLane];
          ${
    range(4).map((i) => `${sum}${i} = fma(vec4<f32>(b[${i}]), a, ${sum}${i});`).join(
      "\n          ",
    )
  }
        }
        workgroupBarrier();
      }`;
  const weight = (i: number) => {
    // The comparison is false for NaN, which therefore propagates to the loss.
    const value = gradient
      ? `select(slope${i}, vec4<f32>(), affinity${i} <= vec4<f32>())`
      : `select(affinity${i}, vec4<f32>(), affinity${i} < vec4<f32>())`;
    return `weights[(sourceLane * 4 + ${i}) * ${stride.row} + rowLane] =
        select(vec4<f32>(), ${value}, first + sourceLane * 4 + ${i} < pixels);`;
  };
  const sums = turns.flatMap((t) => range(4).map((r) => `sum${t}_${r}`));
  const code = `
  var<workgroup> rowTile : array<vec4<f32>, ${DEPTH * stride.row}>;
  var<workgroup> sourceTile : array<vec4<f32>, ${DEPTH * stride.source}>;
  var<workgroup> weights : array<vec4<f32>, ${SOURCES * stride.row}>;
  ${reader("unit", depth, "depth")}
  ${
    gradient
      ? reader("left", slopeDepth, "slopeDepth") + reader("right", slopeDepth, "slopeDepth")
      : reader("values", columns, "columns")
  }
  fn store(row : i32, at : i32, value : vec4<f32>) {
    let start = row * uniforms.columns;
    ${writerWgsl("value", widthOf(columns), "uniforms.columns")}
  }
  fn main(index : i32) {
    let lane = i32(localIndex);
    let rowLane = lane / ${SOURCE_LANES};
    let sourceLane = lane % ${SOURCE_LANES};
    let pixels = uniforms.pixels;
    let blocks = (pixels + ${ROWS - 1}) / ${ROWS};
    let group = index / ${THREADS};
    let base = group / blocks % uniforms.samples * pixels;
    let start = group % blocks * ${ROWS};
    // Beyond the last chunk (tfjs may dispatch more workgroups) nothing is stored: all must reach the barriers.
    let chunk = group / blocks / uniforms.samples;
    ${sums.map((sum) => `var ${sum} : vec4<f32> = vec4<f32>();`).join("\n    ")}
    for (var first : i32 = 0; first < pixels; first = first + ${SOURCES}) {
      ${product("affinity", "unit", "unit", "depth")}
      ${gradient ? product("slope", "left", "right", "slopeDepth") : ""}
      ${range(4).map(weight).join("\n      ")}
      workgroupBarrier();
      for (var i : i32 = 0; i < ${SOURCES}; i = i + 1) {
        let w = weights[i * ${stride.row} + rowLane];
        let source = (base + min(first + i, pixels - 1)) * uniforms.columns;
        ${
    turns.map((t) => `
        let v${t} = read_${values}(source, chunk * ${CHUNK} + (${
      t * SOURCE_LANES
    } + sourceLane) * 4);
        ${
      range(4).map((r) => `sum${t}_${r} = fma(vec4<f32>(w[${r}]), v${t}, sum${t}_${r});`).join(
        "\n        ",
      )
    }`).join("")
  }
      }
    }
    for (var r : i32 = 0; r < 4; r = r + 1) {
      let row = start + rowLane * 4 + r;
      if (row < pixels && chunk * ${CHUNK} < uniforms.columns) {
        ${
    turns.map((t) =>
      `store(base + row, chunk * ${CHUNK} + (${
        t * SOURCE_LANES
      } + sourceLane) * 4, array<vec4<f32>, 4>(${
        range(4).map((r) => `sum${t}_${r}`).join(", ")
      })[r]);`
    ).join("\n        ")
  }
      }
    }
  }
`;
  return {
    name: `staged ${turns.length}`,
    threads: THREADS,
    workgroups: (samples, pixels) => Math.ceil(pixels / ROWS) * samples * chunks,
    code,
  };
}

/** Row stride of a tile in workgroup memory, in vec4 elements. */
const stride: Readonly<Record<string, number>> & { readonly row: number; readonly source: number } =
  { row: ROW_LANES + 1, source: SOURCE_LANES + 1 };
