import * as tf from "@tensorflow/tfjs";
import { widthOf } from "./elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "./program.ts";

/** Target number of workgroups when a sum is split: a few per multiprocessor of the largest GPU, or per core of a two-core CPU. */
const WORKGROUPS = { gpu: 512, software: 8 } as const;

/** Least number of pixels per part: the second pass must cost little compared with the first. */
const FEWEST_PIXELS = 256;

/** A sum over the pixels of images. */
export interface LongSum {
  /** Lines of pixels, of all samples. */
  readonly lines: number;
  /** Pixels per line. */
  readonly pixels: number;
  /** Elements of the result. */
  readonly size: number;
  /** Workgroups that compute the result without a split. */
  readonly workgroups: number;
}

/**
 * Splits a long sum with a small result by lines, into as many parts as fill the device and fit into one binding.
 *
 * @param backend the current one
 * @param sum what is summed
 * @returns number of parts, and lines of each but the last, which may have fewer
 */
export function splitSum(
  backend: Pick<WebGpu, "software" | "maxTensorBytes">,
  { lines, pixels, size, workgroups }: LongSum,
): { readonly parts: number; readonly lines: number } {
  const parts = Math.min(
    Math.ceil(WORKGROUPS[backend.software ? "software" : "gpu"] / workgroups),
    Math.ceil(lines * pixels / FEWEST_PIXELS),
    Math.floor(backend.maxTensorBytes / Float32Array.BYTES_PER_ELEMENT / size),
    lines,
  );
  const each = Math.ceil(lines / Math.max(parts, 1));
  return { parts: Math.ceil(lines / each), lines: each };
}

/** Invocations per workgroup. */
const THREADS = 64;

/**
 * Adds tensors stored one after another, in that order; each invocation computes four elements (one where the size is no multiple
 * of 4). Memory traffic: all parts are read once, the sum is written once.
 *
 * @param backend the current one
 * @param parts `[P,...shape]` float32
 * @param shape of the sum
 * @returns the sum over the first axis
 */
export function sumParts(
  backend: WebGpu,
  parts: tf.TensorInfo,
  shape: readonly number[],
): tf.TensorInfo {
  const size = tf.util.sizeFromShape([...shape]), width = widthOf(size);
  const program = webgpuProgram({
    name: `SeamstressSumParts ${width}`,
    outputShape: shape,
    inputs: ["parts"],
    widths: [width],
    outputWidth: width,
    uniforms: "count : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(size / width / THREADS),
    code: `
  fn main(index : i32) {
    if (index >= uniforms.size) { return; }
    var sum : ${width === 4 ? "vec4<f32>" : "f32"} = parts[index];
    for (var part : i32 = 1; part < uniforms.count; part = part + 1) {
      sum = sum + parts[part * uniforms.size + index];
    }
    result[index] = sum;
  }
`,
  });
  return backend.runWebGPUProgram(program, [parts], "float32", [ints(parts.shape[0]!)]);
}
