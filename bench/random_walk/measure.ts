import { compare, least } from "../measure/compare.ts";
import { RECORDED } from "../measure/sample.ts";
import { digits } from "../measure/digits.ts";
import type { Walks } from "./walks.ts";

/** Largest difference between the scores of both ways. */
const TOLERANCE = 1e-3;

/**
 * Measures the wall time of both ways at one size.
 *
 * @param walks of the size
 * @param rounds measurements of each
 * @param once whether the dense walk is measured once, without warming up, because it takes long
 * @returns a line of the results
 * @throws {RangeError} where the results differ, which makes the times meaningless
 */
export async function measureWalk(walks: Walks, rounds: number, once: boolean) {
  const { height, width, steps, transition, works } = walks, size = height * width;
  const { dense, ...sparse } = works;
  const how = { measured: RECORDED, warmUps: 1 };
  const quick = await compare(sparse, { ...how, rounds });
  const slow = await compare(
    { dense },
    once ? { ...how, rounds: 1, warmUps: 0 } : { ...how, rounds },
  );
  const seconds = (values: readonly number[]) => least(values) / 1e3;
  const [expected, walked] = [walks.sparseScores(), walks.denseScores()];
  const largest = expected.reduce(
    (max, value, i) => Math.max(max, Math.abs(value - walked[i]!)),
    0,
  );
  if (!(largest < TOLERANCE)) {
    throw new RangeError(`Cannot report times: dense and sparse differ by ${largest}`);
  }
  const [all, denseSeconds] = [seconds(quick.sparse.counted), seconds(slow.dense.counted)];
  return {
    what: `random walk of ${height}x${width} pixels, ${steps} steps`,
    entries: transition.values.length,
    matrixSeconds: digits(seconds(quick["transition matrix"].counted)),
    sparseSecondsOf3Classes: digits(seconds(quick["sparse, 3 classes"].counted)),
    sparseSecondsOf21Classes: digits(all),
    denseSeconds: digits(denseSeconds),
    /** How many times as fast the sparse walk is, of all classes. */
    ratio: digits(denseSeconds / all),
    sparseBytes: transition.values.byteLength + transition.rows.byteLength,
    denseBytes: 2 * 4 * size * size,
    largestDifference: digits(largest),
  };
}
