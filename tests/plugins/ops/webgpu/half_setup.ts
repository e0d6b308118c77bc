import { inHalf } from "../../../half_webgpu.ts";
import { randomArray } from "../random.ts";
import type { Reference } from "../reference.ts";
import { webgpuTest } from "./setup.ts";

/** Half of the distance between neighbouring halves, relative, and a little of float32's sums. */
export const ROUNDING = 2 ** -11 + 1e-5;

/**
 * What tests compute in float16 is exact before: reference and kernel begin with the same numbers.
 *
 * @param name seeds it
 * @param shape of the array
 * @returns values that halves hold
 */
export function halves(name: string, shape: readonly number[]): Reference {
  const { data } = randomArray(name, shape);
  return { shape, data: Float64Array.from(new Float16Array(data)) };
}

/**
 * Registers a test on WebGPU that stores activations in float16.
 *
 * @param name a sentence
 * @param fn the test
 */
export function halfTest(name: string, fn: () => Promise<void>): void {
  webgpuTest(name, () => inHalf(fn));
}
