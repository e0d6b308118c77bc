import { userError } from "seamstress";
import { fittingRadius, pixelPairs, RADIUS } from "./pairs.ts";

/** Affinity of pixel pairs of a feature map. */
export interface PairAffinity {
  readonly height: number;
  readonly width: number;
  /** `[P,M]` as {@linkcode pixelPairs} pairs pixels, 0..1. */
  readonly data: Float32Array;
}

/** A square sparse matrix, column by column. */
export interface SparseColumns {
  readonly size: number;
  /** `[size + 1]`: where each column's entries start. */
  readonly starts: Int32Array;
  /** Row of each entry. */
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

/**
 * The transition matrix of the random walk (Ahn & Kwak 2018, section 4.2; the SEAM authors' `infer_aff.py`): T = A^∘β with the
 * affinity A symmetric and of unit diagonal, each column divided by its sum. Holds the pairs only, at most 69 entries a column.
 *
 * @param affinity of pixel pairs
 * @param beta elementwise power, > 0
 * @returns T, `[HW,HW]`; every column sums to 1
 * @throws {RangeError} where the affinity does not fit its size or is no number >= 0
 */
export function transitionMatrix(affinity: PairAffinity, beta: number): SparseColumns {
  const { height, width, data } = affinity;
  const { from, to } = pixelPairs(height, width, fittingRadius(height, width, RADIUS));
  checkAffinity(affinity, to.length);
  const size = height * width;
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
    const a = from[pair % from.length]!, b = to[pair]!, value = data[pair]! ** beta;
    enter(a, b, value);
    enter(b, a, value);
  }
  normalizeColumns(starts, values);
  return { size, starts, rows, values };
}

function checkAffinity({ height, width, data }: PairAffinity, pairs: number): void {
  if (data.length !== pairs) {
    throw userError(
      new RangeError(
        `Cannot walk on a ${width}x${height} map: it has ${pairs} pixel pairs, ${data.length} ` +
          "affinities were given",
      ),
    );
  }
  // Written so that NaN fails.
  const bad = data.findIndex((value) => !(value >= 0 && value < Infinity));
  if (bad >= 0) {
    throw userError(
      new RangeError(
        `Cannot walk on a ${width}x${height} map: affinity ${bad} is ${data[bad]}; affinities ` +
          "must be finite and >= 0",
      ),
    );
  }
}

/** Counts each column's entries: its diagonal, and one for each pair that its pixel is in. */
function countEntries(size: number, from: Int32Array, to: Int32Array): Int32Array {
  const starts = new Int32Array(size + 1);
  for (let pixel = 0; pixel < size; pixel++) starts[pixel + 1] = 1;
  for (let pair = 0; pair < to.length; pair++) {
    starts[from[pair % from.length]! + 1]!++;
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
