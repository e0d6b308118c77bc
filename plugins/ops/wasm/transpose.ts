/** Side of a square block that is transposed at a time: two blocks fit into the L1 cache. */
const TILE = 32;

/**
 * Transposes a matrix: `[rows][columns]` → `[columns][rows]`.
 *
 * @param from row-major
 * @param rows of `from`
 * @param columns of `from`
 * @param to receives the transpose
 */
export function transposeInto(
  from: Float32Array,
  rows: number,
  columns: number,
  to: Float32Array,
): void {
  for (let r0 = 0; r0 < rows; r0 += TILE) {
    const rEnd = Math.min(r0 + TILE, rows);
    for (let c0 = 0; c0 < columns; c0 += TILE) {
      const cEnd = Math.min(c0 + TILE, columns);
      for (let c = c0; c < cEnd; c++) {
        let source = r0 * columns + c;
        const end = c * rows + rEnd;
        for (let target = c * rows + r0; target < end; target++, source += columns) {
          to[target] = from[source]!;
        }
      }
    }
  }
}
