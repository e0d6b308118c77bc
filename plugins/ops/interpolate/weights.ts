import type { Alignment } from "./alignment.ts";

/** Input coordinate of output index `i`, in pixels, not yet clamped. */
function source(i: number, from: number, to: number, alignment: Alignment): number {
  switch (alignment) {
    case "corners":
      return to > 1 ? i * (from - 1) / (to - 1) : 0;
    case "half-pixel":
      return (i + 0.5) * from / to - 0.5;
    case "legacy":
      return i * from / to;
  }
}

/**
 * The matrix of linear interpolation along one axis.
 *
 * @param from input pixels
 * @param to output pixels
 * @param alignment which input coordinate an output pixel reads
 * @returns `[to][from]` row-major; every row sums to 1 and has at most two entries
 */
export function interpolationWeights(
  from: number,
  to: number,
  alignment: Alignment,
): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = Math.min(Math.max(source(i, from, to, alignment), 0), from - 1);
    const low = Math.floor(at), high = Math.min(low + 1, from - 1);
    weights[i * from + low]! += 1 - (at - low);
    weights[i * from + high]! += at - low;
  }
  return weights;
}

/**
 * Transposes a matrix.
 *
 * @param matrix `[rows][columns]` row-major
 * @param rows how many
 * @param columns how many
 * @returns `[columns][rows]`
 */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c]!;
  }
  return out;
}
