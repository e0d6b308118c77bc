import type * as tf from "@tensorflow/tfjs";
import type { ReducedAxes } from "./reduced_axes.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 128;

/** Target number of workgroups when a reduction is split: a few per multiprocessor of the largest GPU; a CPU needs fewer. */
const WORKGROUPS = { gpu: 512, software: 64 } as const;

/** Least number of elements per invocation: a reduction is not split further than this. */
const FEWEST = 16;

/** Least number of elements for a reduction in parts: below it, the second kernel would take longer than the first. */
const MANY = { gpu: 1 << 15, software: 1 << 18 } as const;

/** Elements that an invocation of the "alone" kernel adds sequentially before it adds their sum to its total. */
const BLOCK = 64;

/** How elements are combined. */
export type Reduction = "sum" | "mean" | "max" | "min";

/** WGSL that combines `value` into an accumulator variable; a maximum or minimum propagates NaN, as in tfjs. */
const TAKE: Readonly<Record<Reduction, (into: string) => string>> = {
  sum: (into) => `${into} = ${into} + value;`,
  mean: (into) => `${into} = ${into} + value;`,
  max: (into) => `if (isnan(value) || value > ${into}) { ${into} = value; }`,
  min: (into) => `if (isnan(value) || value < ${into}) { ${into} = value; }`,
};

/** WGSL of each reduction's identity element. */
const START: Readonly<Record<Reduction, string>> = {
  sum: "0.0",
  mean: "0.0",
  max: "-uniforms.INFINITY",
  min: "uniforms.INFINITY",
};

/**
 * Sum, mean, maximum or minimum over adjacent axes, without a transpose. tfjs transposes the array first unless the last axes are
 * reduced, and starts one workgroup per result, whether that reduces 21 elements or millions. Here long reductions with few results
 * are split into parts that fill the device, and a second launch reduces the parts. There are two kernels:
 *
 * - alone: one invocation per result (or per part of one). Used where few elements are reduced per result, or where results are
 *   adjacent in memory, so that neighbouring invocations read neighbouring addresses.
 * - together: one workgroup per part of all adjacent results. Each invocation accumulates for one result only; the workgroup then
 *   reduces these values in workgroup memory (512 bytes).
 *
 * Memory traffic: x is read once. Arithmetic: float32, one operation per element. Sums are blocked (sums of shorter sums), which
 * keeps rounding errors small; the order of additions is fixed, so the result is deterministic.
 *
 * @param backend the current one
 * @param x float32, of `outer * middle * inner` elements, not empty
 * @param reduced the reduced axes of x
 * @param reduction what to compute
 * @returns `[outer * inner]`
 */
export function runReduce(
  backend: WebGpu,
  x: tf.TensorInfo,
  reduced: ReducedAxes,
  reduction: Reduction,
): tf.TensorInfo {
  const { outer, middle, inner } = reduced, results = outer * inner;
  const device = backend.software ? "software" : "gpu", wanted = WORKGROUPS[device];
  // A software adapter runs the invocations of a workgroup one after the other, and barriers are expensive: use "together" only
  // where there are too few results to keep the CPU busy.
  const together = inner <= THREADS / 2 && middle >= 2 * THREADS &&
    !(backend.software && results >= 8);
  const parts = results * middle < MANY[device]
    ? 1
    : together
    ? Math.min(Math.ceil(wanted / outer), Math.ceil(middle * inner / (THREADS * FEWEST)))
    : Math.min(Math.ceil(wanted * THREADS / results), Math.ceil(middle / (4 * FEWEST)));
  const divisor = reduction === "mean" ? middle : 1;
  if (parts === 1) return reduceOnce(backend, x, reduced, { reduction, together, parts, divisor });
  const many = reduceOnce(backend, x, reduced, { reduction, together, parts, divisor: 1 });
  const rest = { outer, middle: parts, inner };
  const out = reduceOnce(backend, many, rest, {
    reduction,
    together: inner <= THREADS / 2 && parts >= 2 * THREADS,
    parts: 1,
    divisor,
  });
  backend.disposeData(many.dataId);
  return out;
}

interface Plan {
  readonly reduction: Reduction;
  readonly together: boolean;
  readonly parts: number;
  /** What every result is divided by; 1 except for a mean. */
  readonly divisor: number;
}

function reduceOnce(
  backend: WebGpu,
  x: tf.TensorInfo,
  { outer, middle, inner }: ReducedAxes,
  { reduction, together, parts, divisor }: Plan,
): tf.TensorInfo {
  const size = outer * parts * inner;
  const program = webgpuProgram({
    name: `SeamstressReduce ${reduction} ${together}`,
    outputShape: [size],
    inputs: ["x"],
    uniforms: "middle : i32, inner : i32, parts : i32, each : i32, divisor : f32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: together ? outer * parts : Math.ceil(size / THREADS),
    code: together ? togetherWgsl(reduction) : aloneWgsl(reduction),
  });
  const flat = { ...x, shape: [outer * middle * inner] };
  return backend.runWebGPUProgram(program, [flat], "float32", [
    ints(middle),
    ints(inner),
    ints(parts),
    ints(Math.ceil(middle / parts)),
    { type: "float32", data: [divisor] },
  ]);
}

/** WGSL of the "alone" kernel: one invocation per result, `[outer,parts,inner]`. */
const aloneWgsl = (reduction: Reduction) => `
  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    let line = index / uniforms.inner;
    let column = index - line * uniforms.inner;
    let section = line / uniforms.parts;
    let first = (line - section * uniforms.parts) * uniforms.each;
    let end = min(first + uniforms.each, uniforms.middle);
    let start = section * uniforms.middle * uniforms.inner + column;
    let stop = start + end * uniforms.inner;
    var at : i32 = start + first * uniforms.inner;
    var best : f32 = ${START[reduction]};
    while (at < stop) {
      let next = min(at + ${BLOCK} * uniforms.inner, stop);
      var block : f32 = ${START[reduction]};
      while (at < next) {
        let value = x[at];
        ${TAKE[reduction]("block")}
        at = at + uniforms.inner;
      }
      // Sums of sums are more exact than one long sum.
      let value = block;
      ${TAKE[reduction]("best")}
    }
    result[index] = best / uniforms.divisor;
  }
`;

/**
 * WGSL of the "together" kernel: one workgroup computes the results of one part. It accumulates as many rows in parallel as fit,
 * then reduces them as a tree, halving the number of rows at each step.
 */
const togetherWgsl = (reduction: Reduction) => `
  var<workgroup> found : array<f32, ${THREADS}>;

  fn main(index : i32) {
    let lane = i32(localIndex);
    let group = index / ${THREADS};
    let section = group / uniforms.parts;
    let part = group - section * uniforms.parts;
    let begin = section * uniforms.middle * uniforms.inner;
    let first = begin + min(part * uniforms.each, uniforms.middle) * uniforms.inner;
    let end = begin + min((part + 1) * uniforms.each, uniforms.middle) * uniforms.inner;
    var rows : i32 = ${THREADS} / uniforms.inner;
    let stride = rows * uniforms.inner;
    // Workgroups beyond the last part (tfjs may start more) have nothing to do, but all must reach the barriers.
    let last = select(first, end, lane < stride && group * uniforms.inner < uniforms.size);
    var best : f32 = ${START[reduction]};
    for (var i : i32 = first + lane; i < last; i = i + stride) {
      let value = x[i];
      ${TAKE[reduction]("best")}
    }
    found[lane] = best;
    workgroupBarrier();
    while (rows > 1) {
      let half = (rows + 1) / 2;
      if (lane < (rows - half) * uniforms.inner) {
        let value = found[lane + half * uniforms.inner];
        ${TAKE[reduction]("best")}
        found[lane] = best;
      }
      rows = half;
      workgroupBarrier();
    }
    if (lane < uniforms.inner && group * uniforms.inner < uniforms.size) {
      result[group * uniforms.inner + lane] = best / uniforms.divisor;
    }
  }
`;
