import { type Normalization, type Use, userError } from "seamstress";

/**
 * Fails where a recipe normalises images otherwise than its backbone wants: inference follows the backbone, so the two would see
 * different images and the scores would be silently low.
 *
 * @param id the stage
 * @param transforms as the recipe lists them
 * @param wanted what the backbone says
 * @throws RangeError naming both values
 */
export function checkNormalization(
  id: string,
  transforms: readonly Use<"transform">[],
  wanted: Normalization,
): void {
  for (const [i, transform] of transforms.entries()) {
    if (transform.use !== "normalize") continue;
    for (const key of ["mean", "std"] as const) {
      const found = transform[key];
      if (found !== undefined && JSON.stringify(found) !== JSON.stringify(wanted[key])) {
        throw userError(
          new RangeError(
            `Cannot plan stage ${id}: transforms[${i}] normalises with ${key} ${
              JSON.stringify(found)
            }, but the backbone ` +
              `wants ${JSON.stringify(wanted[key])}; leave ${key} out, or set it on the backbone`,
          ),
        );
      }
    }
  }
}
