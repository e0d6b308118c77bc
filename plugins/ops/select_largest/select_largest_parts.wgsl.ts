import type * as tf from "@tensorflow/tfjs";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { ORDERED_KEY_WGSL, SELECT_THREADS } from "./select_largest.wgsl.ts";

/** Values of an 8-bit digit: one counter per invocation. */
const DIGITS = SELECT_THREADS;

/** Counts of one digit in each part of each row, `[N,parts,256]`, and which digits are known, `[N,2]`. */
interface Found {
  readonly counts: tf.TensorInfo;
  readonly known: tf.TensorInfo;
}

/**
 * Marks the largest elements of long rows: the steps of `selectLargest` in radix_selection.ts, one workgroup per part of a row, so
 * that one row fills a GPU. Two kernels per 8-bit digit: one counts the digit's values in each part, in workgroup memory, with
 * integer atomics, whose sum does not depend on their order; a small one sums the parts' counts and picks the digit. The last
 * digit's counts are those of the ties in each part: the kernel that marks knows from them how many lie before its own. So exactly
 * `count` elements are marked, the first of those that tie, in whatever order workgroups run.
 *
 * Work and memory traffic: five reads of the row and one write of the mask; 1 KiB of counts per part and digit, written once and
 * read once.
 *
 * @param backend the current one
 * @param x `[N,M]` float32
 * @param count how many to mark in each row
 * @param parts of a row
 * @returns `[N,M]` float32, 1 or 0
 */
export function selectLargestInParts(
  backend: WebGpu,
  x: tf.TensorInfo,
  count: number,
  parts: number,
): tf.TensorInfo {
  let found: Found | undefined;
  for (let shift = 24; shift >= 0; shift -= 8) {
    const counts = countDigit(backend, x, found?.known, shift, parts);
    const known = pickDigit(backend, counts, found?.known, shift, count);
    if (found) dispose(backend, found);
    found = { counts, known };
  }
  const mask = mark(backend, x, found!, parts);
  dispose(backend, found!);
  return mask;
}

function dispose(backend: WebGpu, { counts, known }: Found): void {
  for (const { dataId } of [counts, known]) backend.disposeData(dataId);
}

/** WGSL of the range that a workgroup reads: `first` .. `end` of `row`; workgroups beyond the last part (tfjs may start more) read nothing. */
const PART = `
    let lane = i32(localIndex);
    let group = index / ${DIGITS};
    let row = group / uniforms.parts;
    let part = group % uniforms.parts;
    let stretch = (uniforms.xShape.y + uniforms.parts - 1) / uniforms.parts;
    let start = row * uniforms.xShape.y;
    let first = start + min(part * stretch, uniforms.xShape.y);
    let end = select(first, min(first + stretch, start + uniforms.xShape.y), row < uniforms.xShape.x);`;

function countDigit(
  backend: WebGpu,
  x: tf.TensorInfo,
  known: tf.TensorInfo | undefined,
  shift: number,
  parts: number,
): tf.TensorInfo {
  const rows = x.shape[0]!;
  const matches = known ? "(key & mask) == prefix" : "true";
  const program = webgpuProgram({
    name: `SeamstressCountDigit ${known !== undefined}`,
    outputShape: [rows, parts, DIGITS],
    inputs: known ? ["x", "known"] : ["x"],
    uniforms: "parts : i32, shift : i32,",
    workgroupSize: [DIGITS, 1, 1],
    workgroups: rows * parts,
    code: `
  var<workgroup> histogram : array<atomic<u32>, ${DIGITS}>;
  ${ORDERED_KEY_WGSL}
  fn main(index : i32) {
    ${PART}
    ${known ? "let prefix = bitcast<u32>(known[min(row, uniforms.xShape.x - 1) * 2]);" : ""}
    ${known ? "let mask = 0xffffffffu << u32(uniforms.shift + 8);" : ""}
    atomicStore(&histogram[lane], 0u);
    workgroupBarrier();
    for (var i : i32 = first + lane; i < end; i = i + ${DIGITS}) {
      let key = orderedKey(x[i]);
      if (${matches}) { atomicAdd(&histogram[(key >> u32(uniforms.shift)) & 0xffu], 1u); }
    }
    workgroupBarrier();
    if (row < uniforms.xShape.x) { result[group * ${DIGITS} + lane] = i32(atomicLoad(&histogram[lane])); }
  }
`,
  });
  const uniforms = [ints(parts), ints(shift)];
  return backend.runWebGPUProgram(program, known ? [x, known] : [x], "int32", uniforms);
}

/** `known` holds the higher digits of the k-th largest key, and how many are still to be found among the keys that share them. */
function pickDigit(
  backend: WebGpu,
  counts: tf.TensorInfo,
  known: tf.TensorInfo | undefined,
  shift: number,
  count: number,
): tf.TensorInfo {
  const rows = counts.shape[0]!;
  const program = webgpuProgram({
    name: `SeamstressPickDigit ${known !== undefined}`,
    outputShape: [rows, 2],
    inputs: known ? ["counts", "known"] : ["counts"],
    uniforms: "shift : i32, count : i32,",
    workgroupSize: [DIGITS, 1, 1],
    workgroups: rows,
    code: `
  var<workgroup> sums : array<i32, ${DIGITS}>;
  fn main(index : i32) {
    let lane = i32(localIndex);
    let row = min(index / ${DIGITS}, uniforms.countsShape.x - 1);
    let parts = uniforms.countsShape.y;
    var sum : i32 = 0;
    for (var part : i32 = 0; part < parts; part = part + 1) {
      sum = sum + counts[(row * parts + part) * ${DIGITS} + lane];
    }
    sums[lane] = sum;
    workgroupBarrier();
    if (lane == 0) {
      var digit : i32 = ${DIGITS - 1};
      var left : i32 = ${known ? "known[row * 2 + 1]" : "uniforms.count"};
      while (sums[digit] < left) {
        left = left - sums[digit];
        digit = digit - 1;
      }
      let prefix = ${known ? "bitcast<u32>(known[row * 2])" : "0u"};
      result[row * 2] = bitcast<i32>(prefix | (u32(digit) << u32(uniforms.shift)));
      result[row * 2 + 1] = left;
    }
  }
`,
  });
  const uniforms = [ints(shift), ints(count)];
  return backend.runWebGPUProgram(program, known ? [counts, known] : [counts], "int32", uniforms);
}

function mark(
  backend: WebGpu,
  x: tf.TensorInfo,
  { counts, known }: Found,
  parts: number,
): tf.TensorInfo {
  const rows = x.shape[0]!;
  const program = webgpuProgram({
    name: "SeamstressMarkLargest",
    outputShape: x.shape,
    inputs: ["x", "counts", "known"],
    uniforms: "parts : i32,",
    workgroupSize: [DIGITS, 1, 1],
    workgroups: rows * parts,
    code: `
  var<workgroup> earlier : atomic<i32>;
  var<workgroup> ties : array<i32, ${DIGITS}>;
  ${ORDERED_KEY_WGSL}
  fn main(index : i32) {
    ${PART}
    let own = min(row, uniforms.xShape.x - 1);
    let prefix = bitcast<u32>(known[own * 2]);
    let remaining = known[own * 2 + 1];
    if (lane == 0) { atomicStore(&earlier, 0); }
    workgroupBarrier();
    let digit = i32(prefix & 0xffu);
    for (var other : i32 = lane; other < part; other = other + ${DIGITS}) {
      atomicAdd(&earlier, counts[(own * uniforms.parts + other) * ${DIGITS} + digit]);
    }
    // Each invocation looks at a stretch of its own, in order.
    let each = (stretch + ${DIGITS - 1}) / ${DIGITS};
    let low = min(first + lane * each, end);
    let high = min(low + each, end);
    var tied : i32 = 0;
    for (var i : i32 = low; i < high; i = i + 1) {
      if (orderedKey(x[i]) == prefix) { tied = tied + 1; }
    }
    ties[lane] = tied;
    workgroupBarrier();
    var before : i32 = atomicLoad(&earlier);
    for (var i : i32 = 0; i < lane; i = i + 1) { before = before + ties[i]; }
    for (var i : i32 = low; i < high; i = i + 1) {
      let key = orderedKey(x[i]);
      var chosen : bool = key > prefix;
      if (key == prefix) {
        chosen = before < remaining;
        before = before + 1;
      }
      result[i] = select(0.0, 1.0, chosen);
    }
  }
`,
  });
  return backend.runWebGPUProgram(program, [x, counts, known], "float32", [ints(parts)]);
}
