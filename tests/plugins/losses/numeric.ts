import { assert } from "@std/assert";
import { Rng } from "../../../core/rng.ts";

/** An array `[N,H,W,C]` in float64, row-major. */
export interface Maps {
  readonly shape: readonly [number, number, number, number];
  readonly data: Float64Array;
}

/** Uniform in `low` .. `high`, float32 values, the same for the same name. */
export function randomMaps(
  name: string,
  shape: readonly [number, number, number, number],
  [low, high]: readonly [number, number] = [-1, 1],
): Maps {
  const rng = Rng.of(0, name);
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float64Array.from({ length }, () => Math.fround(rng.uniform(low, high))) };
}

/** The pixels of one sample and channel, in row order. */
export function plane({ shape: [, height, width, channels], data }: Maps, n: number, c: number) {
  return Float64Array.from(
    { length: height * width },
    (_, i) => data[(n * height * width + i) * channels + c]!,
  );
}

/** A new array of the same shape, value by value from sample, pixel and channel. */
export function build(
  shape: Maps["shape"],
  value: (n: number, pixel: number, c: number) => number,
): Maps {
  const [, height, width, channels] = shape;
  const pixels = height * width;
  const length = shape.reduce((product, size) => product * size, 1);
  const data = Float64Array.from({ length }, (_, i) => {
    const c = i % channels, pixel = Math.floor(i / channels) % pixels;
    return value(Math.floor(i / channels / pixels), pixel, c);
  });
  return { shape, data };
}

/** Mean of the `k` largest. */
export function meanOfLargest(values: Iterable<number>, k: number): number {
  return mean([...values].sort((a, b) => b - a).slice(0, k));
}

export function mean(values: Iterable<number>): number {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/** Central differences of a smooth function of float64 numbers. */
export function numericalGradient(f: (x: Float64Array) => number, x: Float64Array): Float64Array {
  const step = 1e-6;
  return x.map((value, i) => {
    const moved = x.slice();
    moved[i] = value + step;
    const above = f(moved);
    moved[i] = value - step;
    return (above - f(moved)) / (2 * step);
  });
}

/** Asserts max|got − wanted| ≤ tolerance · max|wanted|. */
export function assertNear(
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert(got.length === wanted.length, `${what}: ${got.length} values for ${wanted.length}`);
  let worst = 0, largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(got[i]! - wanted[i]!);
    assert(!Number.isNaN(difference), `${what}: NaN at ${i}`);
    worst = Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(wanted[i]!));
  }
  assert(worst <= tolerance * largest, `${what}: error ${worst} of ${largest}`);
}
