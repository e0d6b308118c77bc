import type * as tf from "@tensorflow/tfjs";
import type { ReducedAxes } from "./reduced_axes.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 128;

/** Workgroups that a reduction is split to reach: a few per processor of the largest GPU; a CPU needs fewer. */
const WORKGROUPS = { gpu: 512, software: 64 } as const;

/** Fewest elements that an invocation reduces on its own before the work is split further. */
const FEWEST = 16;

/** Fewest elements that are reduced in parts: of fewer, the second kernel takes longer than the first. */
const MANY = { gpu: 1 << 15, software: 1 << 18 } as const;

/** Elements that an invocation which is alone adds one after the other. */
const BLOCK = 64;

/** How elements are combined. */
export type Reduction = "sum" | "mean" | "max" | "min";

/** WGSL that takes `value` into a variable; of a maximum and a minimum NaN is the result, as tfjs has it. */
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
 * Sum, mean, maximum or minimum over neighbouring axes, in place: tfjs turns the array first where other axes than the last go, and
 * starts one workgroup per result, be it of 21 elements or of millions. Long reductions with few results are split into parts
 * that fill the device, and the parts are reduced by a second kernel. Two kernels:
 *
 * - alone: an invocation per result (or a part of it). Where few elements go, or where results lie side by side, so that neighbouring
 *   invocations read neighbours.
 * - together: one workgroup per part of all adjacent results, each invocation always at the same result; their values are
 *   reduced in workgroup memory, 512 bytes.
 *
 * Traffic: x once. Arithmetic: float32, one operation per element; sums are made of shorter sums, so that their errors stay small;
 * the order, and the result, do not depend on timing.
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
  // On a CPU invocations of one workgroup take turns, and barriers cost: only where there are too few results to keep it busy.
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
  /** Of every result. */
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

/** An invocation per result, `[outer,parts,inner]`. */
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

/** A workgroup the results of one part: as many rows side by side as fit, then half of the rows again and again. */
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
