import type { PairAffinity } from "../../../../plugins/affinitynet/random_walk/transition.ts";

/**
 * T^(2^logt) as the authors' `infer_aff.py` makes it: the dense matrix, from pairs found by their distance alone, squared logt times.
 */
export function denseTransition(
  { height, width, data }: PairAffinity,
  radius: number,
  beta: number,
  logt: number,
): Float64Array {
  const size = height * width, margin = radius - 1;
  let t: Float64Array = new Float64Array(size * size);
  for (let i = 0; i < size; i++) t[i * size + i] = 1;
  let pair = 0;
  const disc: [number, number][] = [];
  for (let dy = 0; dy < radius; dy++) {
    for (let dx = -margin; dx <= margin; dx++) {
      if ((dy > 0 || dx > 0) && dx ** 2 + dy ** 2 < radius ** 2) disc.push([dy, dx]);
    }
  }
  for (const [dy, dx] of disc) {
    for (let y = 0; y + margin < height; y++) {
      for (let x = margin; x + margin < width; x++) {
        const a = y * width + x, b = (y + dy) * width + x + dx;
        t[a * size + b] = t[b * size + a] = data[pair++]! ** beta;
      }
    }
  }
  for (let column = 0; column < size; column++) {
    let sum = 0;
    for (let row = 0; row < size; row++) sum += t[row * size + column]!;
    for (let row = 0; row < size; row++) t[row * size + column]! /= sum;
  }
  for (let i = 0; i < logt; i++) t = product(t, t, size);
  return t;
}

/** `[rows,size]` times `[size,size]`. */
export function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let row = 0; row < a.length / size; row++) {
    for (let k = 0; k < size; k++) {
      const value = a[row * size + k]!;
      if (value === 0) continue;
      for (let j = 0; j < size; j++) out[row * size + j]! += value * b[k * size + j]!;
    }
  }
  return out;
}
