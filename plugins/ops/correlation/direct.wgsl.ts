import { readerWgsl, widthOf, writerWgsl } from "../webgpu/elements.wgsl.ts";
import type { CorrelationKernel, CorrelationShape } from "./generated_kernel.ts";
import { range } from "../webgpu/range.ts";

/** Pixels j whose sums an invocation holds. */
const ROWS = 8;

/** Pixels i whose weights an invocation computes at a time. */
const SOURCES = 8;

/** Invocations per workgroup: a vector register of the CPU holds one value per invocation. */
const THREADS = 8;

/**
 * The kernel for adapters that compute on the CPU: see `runCorrelation`. Each invocation computes the sums of {@linkcode ROWS}
 * pixels, one tile of ROWS x {@linkcode SOURCES} weights after another, and adds each tile's contribution to its own part of the
 * result in memory: with the sums in registers, the gradient's 8 x 192 sums would take half a minute to compile. On such an adapter
 * a load costs about twenty instructions and a multiplication one: a tile takes (ROWS + SOURCES)·D loads for ROWS·SOURCES·D
 * multiplications, and another (2·ROWS + SOURCES)·C for ROWS·SOURCES·C. Twice as many SOURCES gain 15 % of the time and take twice
 * as long to compile.
 *
 * @param shape sizes that the kernel is generated for
 * @returns the kernel
 */
export function directCorrelation(
  { depth, columns, slopeDepth }: CorrelationShape,
): CorrelationKernel {
  const rows = range(ROWS), sources = range(SOURCES);
  const gradient = slopeDepth !== undefined;
  const values = gradient ? "unit" : "values";
  const reader = (name: string, length: number, uniform: string) =>
    readerWgsl(name, widthOf(length), length % 4 === 0 ? undefined : `uniforms.${uniform}`);
  const product = (sum: string, a: string, b: string, length: string) => `
      ${pairs(rows, sources, (r, i) => `var ${sum}${r}_${i} : f32 = 0.0;`)}
      for (var k : i32 = 0; k < uniforms.${length}; k = k + 4) {
        ${
    rows.map((r) => `let a${r} = read_${a}(row${r} * uniforms.${length}, k);`).join("\n        ")
  }
        ${
    sources.map((i) => `let b${i} = read_${b}(source${i} * uniforms.${length}, k);`).join(
      "\n        ",
    )
  }
        ${
    pairs(rows, sources, (r, i) =>
      [..."xyzw"].map((c) =>
        `${sum}${r}_${i} = fma(a${r}.${c}, b${i}.${c}, ${sum}${r}_${i});`
      )
        .join(" "))
  }
      }`;
  const weight = (r: number, i: number) => {
    const affinity = `affinity${r}_${i}`;
    // The comparison is false for NaN, which therefore propagates to the loss.
    const value = gradient
      ? `select(slope${r}_${i}, 0.0, ${affinity} <= 0.0)`
      : `select(${affinity}, 0.0, ${affinity} < 0.0)`;
    return `let w${r}_${i} = select(0.0, ${value}, first + ${i} < pixels);`;
  };
  const code = `
  ${reader("unit", depth, "depth")}
  ${
    gradient
      ? reader("left", slopeDepth, "slopeDepth") + reader("right", slopeDepth, "slopeDepth")
      : reader("values", columns, "columns")
  }
  fn load(row : i32, at : i32) -> vec4<f32> {
    let start = row * uniforms.columns;
    ${
    columns % 4 === 0
      ? "return result[(start + at) / 4];"
      : `return vec4<f32>(${
        range(4).map((i) => `result[start + min(at + ${i}, uniforms.columns - 1)]`).join(", ")
      });`
  }
  }
  fn store(row : i32, at : i32, value : vec4<f32>) {
    let start = row * uniforms.columns;
    ${writerWgsl("value", widthOf(columns), "uniforms.columns")}
  }
  fn main(index : i32) {
    let pixels = uniforms.pixels;
    let blocks = (pixels + ${ROWS - 1}) / ${ROWS};
    let sample = index / blocks;
    if (sample >= uniforms.samples) { return; }
    let base = sample * pixels;
    let start = index % blocks * ${ROWS};
    ${rows.map((r) => `let row${r} = base + min(start + ${r}, pixels - 1);`).join("\n    ")}
    for (var first : i32 = 0; first < pixels; first = first + ${SOURCES}) {
      ${
    sources.map((i) => `let source${i} = base + min(first + ${i}, pixels - 1);`).join("\n      ")
  }
      ${product("affinity", "unit", "unit", "depth")}
      ${gradient ? product("slope", "left", "right", "slopeDepth") : ""}
      ${pairs(rows, sources, weight)}
      for (var at : i32 = 0; at < uniforms.columns; at = at + 4) {
        ${
    sources.map((i) => `let v${i} = read_${values}(source${i} * uniforms.columns, at);`).join(
      "\n        ",
    )
  }
        ${
    rows.map((r) =>
      `var sum${r} : vec4<f32> = select(load(row${r}, at), vec4<f32>(), first == 0); ${
        sources.map((i) => `sum${r} = fma(vec4<f32>(w${r}_${i}), v${i}, sum${r});`).join(" ")
      } if (start + ${r} < pixels) { store(row${r}, at, sum${r}); }`
    ).join("\n        ")
  }
      }
    }
  }
`;
  return {
    name: "direct",
    threads: THREADS,
    workgroups: (samples, pixels) => Math.ceil(Math.ceil(pixels / ROWS) * samples / THREADS),
    code,
  };
}

function pairs(
  rows: readonly number[],
  sources: readonly number[],
  text: (row: number, source: number) => string,
): string {
  return rows.flatMap((r) => sources.map((i) => text(r, i))).join("\n        ");
}
