import { userError } from "seamstress";
import type { Cams } from "seamstress/wsss";
import { digits } from "../measure/digits.ts";

/** Largest mean difference of a CAM, which is in 0..1; of one pixel at most this many times that. */
export const CAM_TOLERANCE = 1e-3, OF_A_PIXEL = 50;

/** How far CAMs are apart. */
export interface CamsApart {
  /** The largest mean over a map's pixels. */
  readonly mean: number;
  /** Of a pixel. */
  readonly most: number;
}

/** Reads the CAMs that a side left of an image. */
export type ReadSide = (name: string) => Promise<Cams>;

/**
 * Compares CAMs of two sides.
 *
 * @param names of the images
 * @param ours the one side's
 * @param theirs the other's
 * @returns the largest differences
 * @throws {RangeError} a user error, naming the image, where they differ by more than decoding, resizing and float16 explain, or have other
 * classes or sizes
 */
export async function camsApart(
  names: readonly string[],
  ours: ReadSide,
  theirs: ReadSide,
): Promise<CamsApart> {
  let mean = 0, most = 0;
  for (const name of names) {
    const refuse = (problem: string) =>
      userError(new RangeError(`Cannot report times: the CAMs of ${name} ${problem}`));
    const [own, other] = [await ours(name), await theirs(name)];
    const [a, b] = [own, other].map(({ width, height, maps }) =>
      `${width}x${height} of classes ${[...maps.keys()]}`
    );
    if (a !== b) throw refuse(`are ${a} and ${b}`);
    for (const [c, map] of own.maps) {
      const found = other.maps.get(c)!;
      const differences = map.map((value, i) => Math.abs(value - found[i]!));
      const average = differences.reduce((sum, value) => sum + value, 0) / map.length;
      const largest = differences.reduce((max, value) => value > max ? value : max, 0);
      if (!(average <= CAM_TOLERANCE && largest <= OF_A_PIXEL * CAM_TOLERANCE)) {
        throw refuse(
          `of class ${c} differ by ${digits(average)} in the mean and ${
            digits(largest)
          } at most; allowed are ${CAM_TOLERANCE} and ${OF_A_PIXEL * CAM_TOLERANCE}`,
        );
      }
      mean = Math.max(mean, average);
      most = Math.max(most, largest);
    }
  }
  return { mean: digits(mean), most: digits(most) };
}
