import type * as tf from "@tensorflow/tfjs";
import { userError } from "../../../core/errors.ts";

/**
 * Fails where a row does not have as many elements as are to be selected.
 *
 * @param action what is done with them, such as `mark`
 * @param x `[N,M]`
 * @param k how many
 * @param least smallest k that makes sense
 * @throws RangeError where k is no integer in least .. M
 */
export function checkCount(
  action: string,
  { shape: [, most] }: tf.Tensor2D,
  k: number,
  least: number,
) {
  if (Number.isInteger(k) && k >= least && k <= most) return;
  throw userError(
    new RangeError(
      `Cannot ${action} the ${k} largest of ${most} elements: k must be an integer in ${least} .. ${most}`,
    ),
  );
}
