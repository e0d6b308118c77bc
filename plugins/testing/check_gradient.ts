import { type ParamSpec, Rng } from "seamstress";
import * as tf from "@tensorflow/tfjs";
import { prepareBackend } from "./backends.ts";
import {
  type Differentiable,
  differentiate,
  differentiated,
  type Point,
  type Problem,
  RESULT,
  startOf,
  variablesAt,
  weighted,
} from "./differentiated.ts";
import { inFloat64 } from "./float64.ts";
import { largest, type Numbers } from "./numbers.ts";

/** How a gradient is checked. */
export interface GradientOptions {
  /** Parameters that the function reads; those that train are differentiated too. */
  readonly params?: readonly ParamSpec[];
  /** Inputs that no gradient may reach, because the function cuts it off; they are not compared. */
  readonly detached?: readonly string[];
  /** Elements of each input that are moved; 24 unless given, all where there are fewer. */
  readonly elements?: number;
  /** Largest difference, in parts of an input's largest slope: 1e-5 unless given, 2e-2 where a kernel rounds to float32. */
  readonly tolerance?: number;
}

/** What was found. */
export interface GradientReport {
  /** `float32` where a kernel rounds on the way: differences then show coarse faults alone. */
  readonly precision: "float64" | "float32";
  /** By input, or `parameter NAME`: the largest difference, in parts of the largest slope. */
  readonly differences: Readonly<Record<string, number>>;
}

/** Steps of central differences. With 64 bits, 1e-5 leaves an error of about 1e-10; with 32, rounding asks for a long step. */
const STEP = { float64: 1e-5, float32: 1e-2 } as const;
const TOLERANCE = { float64: 1e-5, float32: 2e-2 } as const;

/**
 * Compares the gradient that tfjs computes with central differences, (f(x+h) − f(x−h)) / 2h, of some elements of each input and of all
 * of them at once along a random direction.
 *
 * It computes on the cpu backend with 64-bit floats, where differences are right to about 1e-10, so that a wrong factor of one part in
 * 10 000 is found. Where a kernel rounds to 32 bits on the way (one that does not make its result by `new Float32Array`), that is
 * noticed by the noise, and the check goes on with longer steps and a tolerance of 2 %; the report says so. Kernels of wasm and webgpu
 * are other code: {@linkcode checkBackends} compares them with this one. A kink within 1e-5 of an element (ReLU at 0, equal maxima)
 * has no gradient to compare: choose inputs away from them.
 *
 * @param compute of the inputs by name, and of parameters; any tensor, all of it made in there
 * @param inputs where the gradient is taken
 * @param options what is compared, and how closely
 * @returns precision and differences
 * @throws {Error} naming the input, the element, its slope by tfjs and by differences; where tensors are left behind; where the result
 *   is not finite or depends on none of the inputs
 *
 * @example A gradient that is right, and one that is not
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { checkGradient, uniform } from "seamstress/testing";
 * import * as tf from "@tensorflow/tfjs";
 * const { precision } = await checkGradient(({ x }) => tf.square(x), { x: uniform([2, 3]) });
 * assertEquals(precision, "float64");
 * const wrong = tf.customGrad((x) => ({
 *   value: tf.square(x as tf.Tensor),
 *   gradFunc: (dy) => tf.mul(dy as tf.Tensor, tf.mul(2.001, x as tf.Tensor)),
 * }));
 * await assertRejects(() => checkGradient(({ x }) => wrong(x), { x: uniform([2, 3]) }), Error, "gradient of x");
 * ```
 */
export async function checkGradient<N extends string>(
  compute: Differentiable<N>,
  inputs: Readonly<Record<N, Numbers>>,
  { params = [], detached = [], elements = 24, tolerance }: GradientOptions = {},
): Promise<GradientReport> {
  await using _ = await prepareBackend("cpu");
  const problem: Problem = { compute: compute as Differentiable, inputs, params };
  const { point, slopes, precision } = inFloat64(() => {
    const point = startOf(problem), slopes = slopesAt(problem, point);
    return { point, slopes, precision: precisionAt(problem, point, slopes) };
  });
  const allowed = tolerance ?? TOLERANCE[precision];
  const differences: Record<string, number> = {};
  for (const name of differentiated(problem)) {
    const slope = slopes.get(name);
    if (detached.includes(name)) {
      if (largest(slope ?? []) > 0) {
        throw new Error(`The gradient of ${name} should be cut off, and it is ${largest(slope!)}`);
      }
      continue;
    }
    const { data } = point.get(name)!;
    const picked = Rng.of(3, name).permutation(data.length).subarray(0, elements);
    const directions = [...picked].map((i) => ({ what: `element ${i}`, at: unit(data.length, i) }));
    directions.push({ what: "all elements, a random direction", at: direction(name, data.length) });
    const compared = directions.map(({ what, at }) => ({
      what,
      analytic: dot(slope ?? new Float64Array(data.length), at),
      numeric: inFloat64(() => slopeAlong(problem, point, new Map([[name, at]]), STEP[precision])),
    }));
    const scale = Math.max(
      largest(slope ?? []),
      largest(compared.slice(0, -1).map(({ numeric }) => numeric)),
    );
    differences[name] = 0;
    for (const { what, analytic, numeric } of compared) {
      const off = analytic === numeric ? 0 : Math.abs(analytic - numeric) / scale;
      if (!(off <= allowed)) {
        throw new Error(
          `The gradient of ${name} is wrong at ${what}: tfjs gives ${analytic}, central differences ${numeric} ` +
            `(${precision}; off by ${
              off.toExponential(1)
            } of the largest slope, ${allowed} is allowed)`,
        );
      }
      differences[name] = Math.max(differences[name]!, off);
    }
  }
  return { precision, differences };
}

/** The analytic gradient by name; without those that none reaches. */
function slopesAt(problem: Problem, point: Point): Map<string, Float64Array> {
  const found = differentiate(problem, point);
  const slopes = new Map<string, Float64Array>();
  for (const [name, tensor] of found) {
    const values = Float64Array.from(tensor.dataSync());
    if (!values.every(Number.isFinite)) {
      throw new Error(`Not finite: ${name === RESULT ? name : `the gradient of ${name}`}`);
    }
    if (name !== RESULT) slopes.set(name, values);
    tensor.dispose();
  }
  return slopes;
}

/** Value at a point that is moved along a direction, and its terms without their signs, by which rounding is measured. */
function valueAt(
  problem: Problem,
  point: Point,
  along: ReadonlyMap<string, Float64Array>,
  step: number,
): { value: number; scale: number } {
  const moved = new Map(point);
  for (const [name, at] of along) {
    const { shape, data } = point.get(name)!;
    moved.set(name, { shape, data: data.map((value, i) => value + step * at[i]!) });
  }
  const { variables, tensors, params } = variablesAt(problem, moved);
  const terms = tf.tidy(() => weighted(problem.compute(tensors, params)));
  const values = Array.from(terms.dataSync());
  terms.dispose();
  variables.forEach((variable) => variable.dispose());
  const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
  return { value: sum(values), scale: sum(values.map(Math.abs)) };
}

function slopeAlong(
  problem: Problem,
  point: Point,
  along: ReadonlyMap<string, Float64Array>,
  step: number,
): number {
  const [above, below] = [step, -step].map((by) => valueAt(problem, point, along, by).value);
  return (above! - below!) / (2 * step);
}

/**
 * Whether all of it is computed with 64 bits. Along 7 tiny steps a smooth function is a line: what fourth differences are left of it is
 * rounding (Hamming). Where all 7 are equal though the slope is not zero, the steps were rounded away.
 */
function precisionAt(
  problem: Problem,
  point: Point,
  slopes: ReadonlyMap<string, Float64Array>,
): GradientReport["precision"] {
  const along = new Map(
    [...slopes.keys()].map((name) => [name, direction(name, point.get(name)!.data.length)]),
  );
  const slope = [...along].reduce((sum, [name, at]) => sum + dot(slopes.get(name)!, at), 0);
  const values = [-3, -2, -1, 0, 1, 2, 3].map((k) => valueAt(problem, point, along, 1e-9 * k));
  const scale = largest(values.map(({ scale }) => scale));
  let row = values.map(({ value }) => value);
  if (new Set(row).size < row.length && Math.abs(slope) > 1e-6 * scale) return "float32";
  for (let order = 0; order < 4; order++) row = row.slice(1).map((value, i) => value - row[i]!);
  return largest(row) / Math.sqrt(70) > 1e-11 * scale ? "float32" : "float64";
}

function unit(length: number, i: number): Float64Array {
  const at = new Float64Array(length);
  at[i] = 1;
  return at;
}

/** A random direction of length 1. */
function direction(name: string, length: number): Float64Array {
  const rng = Rng.of(4, name);
  const at = Float64Array.from({ length }, () => rng.uniform(-1, 1));
  const norm = Math.hypot(...at) || 1;
  return at.map((value) => value / norm);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
