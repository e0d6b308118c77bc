/** A square sparse matrix, column by column. */
export interface SparseColumns {
  /** Rows, and columns. */
  readonly size: number;
  /** `[size + 1]`: where each column's entries start. */
  readonly starts: Int32Array;
  /** Row of each entry. */
  readonly rows: Int32Array;
  /** Value of each entry. */
  readonly values: Float64Array;
}

/** Pairs of pixels and how strongly a walk goes from one to the other. */
export interface WeightedPairs {
  /** `[M]`: index of each pair's first pixel. */
  readonly from: Int32Array;
  /** `[M]`: index of its second. */
  readonly to: Int32Array;
  /** `[M]`: how strongly, >= 0, the same both ways. */
  readonly values: Float64Array;
}

/**
 * The transition matrix of a random walk: pairs count both ways, every pixel is as near to itself as can be, 1, and each column is
 * divided by its sum. Holds the pairs only.
 *
 * @param size pixels of the map
 * @param pairs each once
 * @returns T, `[size,size]`; every column sums to 1
 */
export function pairTransition(
  size: number,
  { from, to, values: weights }: WeightedPairs,
): SparseColumns {
  const starts = countEntries(size, from, to);
  const rows = new Int32Array(starts[size]!), values = new Float64Array(starts[size]!);
  const next = starts.slice(0, size);
  const enter = (row: number, column: number, value: number) => {
    const at = next[column]!++;
    rows[at] = row;
    values[at] = value;
  };
  for (let pixel = 0; pixel < size; pixel++) enter(pixel, pixel, 1);
  for (let pair = 0; pair < to.length; pair++) {
    const a = from[pair]!, b = to[pair]!, value = weights[pair]!;
    enter(a, b, value);
    enter(b, a, value);
  }
  normalizeColumns(starts, values);
  return { size, starts, rows, values };
}

/** Counts each column's entries: its diagonal, and one for each pair that its pixel is in. */
function countEntries(size: number, from: Int32Array, to: Int32Array): Int32Array {
  const starts = new Int32Array(size + 1);
  for (let pixel = 0; pixel < size; pixel++) starts[pixel + 1] = 1;
  for (let pair = 0; pair < to.length; pair++) {
    starts[from[pair]! + 1]!++;
    starts[to[pair]! + 1]!++;
  }
  for (let pixel = 0; pixel < size; pixel++) starts[pixel + 1]! += starts[pixel]!;
  return starts;
}

function normalizeColumns(starts: Int32Array, values: Float64Array): void {
  for (let column = 0; column + 1 < starts.length; column++) {
    const entries = values.subarray(starts[column], starts[column + 1]);
    // The diagonal makes it at least 1.
    const sum = entries.reduce((total, value) => total + value, 0);
    for (let i = 0; i < entries.length; i++) entries[i]! /= sum;
  }
}
