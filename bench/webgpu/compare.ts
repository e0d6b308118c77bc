import * as tf from "@tensorflow/tfjs";
import { compare } from "../deno/compare.ts";
import type { Case } from "./measure.ts";
import { device, swapIn } from "./sides.ts";

/** On a GPU: waiting for it takes a millisecond or two, a kernel less. */
const REPEATS = 20;

/**
 * Registers a case with `deno bench`.
 *
 * @param one case
 * @param iterations that are timed
 */
export function compareOnWebGpu({ sides, ...one }: Case, iterations: number): void {
  const tidied = Object.fromEntries(
    Object.entries(sides).map(([side, run]) => [side, () => tf.tidy(run)]),
  );
  compare({ ...one, sides: tidied }, {
    // The cases of one kernel know no other sides.
    ready: (side) => swapIn(side as keyof typeof sides),
    settle: () => device.check(),
    repeats: device.software ? 1 : REPEATS,
  }, iterations);
}
