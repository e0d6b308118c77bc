import type { Lattice } from "../../../../plugins/refinement/crf/permutohedral.ts";

/**
 * Filters values as `Permutohedral::compute` of the densecrf code does, which the authors' `bilateralfilter` wraps: splat, blur along each
 * axis, slice, times what keeps a constant unchanged by the blur.
 *
 * @param lattice of the pixels
 * @param values `[pixels]`
 * @returns `[pixels]`
 */
export function latticeFilter(
  { dimensions, size, vertices, weights, neighbours }: Lattice,
  values: Float64Array,
): Float64Array {
  const corners = dimensions + 1;
  let held = new Float64Array(size + 1);
  vertices.forEach((vertex, i) => held[vertex]! += weights[i]! * values[Math.floor(i / corners)]!);
  for (let axis = 0; axis < corners; axis++) {
    const from = held;
    held = from.map((value, vertex) => {
      if (vertex === size) return 0;
      const at = 2 * (axis * size + vertex);
      return value + 0.5 * (from[neighbours[at]!]! + from[neighbours[at + 1]!]!);
    });
  }
  const out = new Float64Array(values.length), scale = 1 / (1 + 2 ** -dimensions);
  vertices.forEach((vertex, i) =>
    out[Math.floor(i / corners)]! += scale * weights[i]! * held[vertex]!
  );
  return out;
}
