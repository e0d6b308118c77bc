import { userError } from "seamstress";
import { fittingRadius, pairTransition, pixelPairs, type SparseColumns } from "seamstress/wsss";

/** Affinity of pixel pairs of a feature map. */
export interface PairAffinity {
  /** Of the feature map. */
  readonly height: number;
  /** Of the feature map. */
  readonly width: number;
  /** `[P,M]` as {@linkcode pixelPairs} pairs pixels, 0..1. */
  readonly data: Float32Array;
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
  const { from, to } = pixelPairs(height, width, fittingRadius(height, width));
  checkAffinity(affinity, to.length);
  return pairTransition(height * width, {
    from: to.map((_, pair) => from[pair % from.length]!),
    to,
    values: Float64Array.from(data, (value) => value ** beta),
  });
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
