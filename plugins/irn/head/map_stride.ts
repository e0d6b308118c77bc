import { type TapSpec, userError } from "seamstress";

/** Input pixels per pixel of the authors' maps. */
const STRIDE = 4;

/**
 * The taps that IRN reads: every map, by depth.
 *
 * @param taps the backbone's
 * @returns those that are maps
 */
export function mapTaps(taps: readonly TapSpec[]): readonly TapSpec[] {
  return taps.filter(({ kind }) => kind === undefined);
}

/**
 * Input pixels per pixel of IRN's maps: those of the finest tap that is not finer than 4, the authors'.
 *
 * @param taps the backbone's
 * @returns the stride
 * @throws {RangeError} where every tap is finer
 */
export function mapStride(taps: readonly TapSpec[]): number {
  const strides = mapTaps(taps).map(({ stride }) => stride);
  const stride = Math.min(...strides.filter((candidate) => candidate >= STRIDE));
  if (stride < Infinity) return stride;
  throw userError(
    new RangeError(
      `Cannot find class boundaries: no tap of the backbone has a stride of ${STRIDE} or more; they have ${
        strides.join(", ")
      }`,
    ),
  );
}
