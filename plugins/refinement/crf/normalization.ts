import type { Lattice } from "./permutohedral.ts";

/** Keeps the norm finite. */
const TINY = 1e-20;

/**
 * The symmetric normalisation of a kernel K: D K D has D = diag(1 / √(K 1)).
 *
 * @param lattice of the kernel
 * @param scale factor of sliced values
 * @returns D's diagonal, `[points]`
 */
export function symmetricNorm(lattice: Lattice, scale: number): Float32Array {
  const sums = slice(lattice, blur(lattice, splatOnes(lattice)));
  return sums.map((sum) => 1 / Math.sqrt(sum * scale + TINY));
}

/** `[size + 1]`: the last is 0 and stands for a missing neighbour. */
function splatOnes({ size, vertices, weights }: Lattice): Float32Array {
  const values = new Float32Array(size + 1);
  for (let i = 0; i < vertices.length; i++) values[vertices[i]!]! += weights[i]!;
  return values;
}

function blur(lattice: Lattice, values: Float32Array): Float32Array {
  let from = values, to: Float32Array = new Float32Array(values.length);
  for (let axis = 0; axis <= lattice.dimensions; axis++) {
    blurAxis(lattice, axis, from, to);
    [from, to] = [to, from];
  }
  return from;
}

function blurAxis(
  { size, neighbours }: Lattice,
  axis: number,
  from: Float32Array,
  to: Float32Array,
): void {
  let at = 2 * axis * size;
  for (let vertex = 0; vertex < size; vertex++) {
    const before = from[neighbours[at++]!]!, after = from[neighbours[at++]!]!;
    to[vertex] = from[vertex]! + 0.5 * (before + after);
  }
}

function slice({ dimensions, vertices, weights }: Lattice, values: Float32Array): Float32Array {
  const corners = dimensions + 1;
  const out = new Float32Array(vertices.length / corners);
  for (let point = 0, at = 0; point < out.length; point++) {
    let sum = 0;
    for (const end = at + corners; at < end; at++) sum += weights[at]! * values[vertices[at]!]!;
    out[point] = sum;
  }
  return out;
}
