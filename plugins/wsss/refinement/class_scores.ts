import type { Cams } from "../cams/cam_store.ts";
import type { Scores } from "../../../core/contracts/refinement.ts";
import { userError } from "../../../core/errors.ts";
import type { Raster } from "../../../core/data/sample.ts";

/** Scores of some classes of an image. */
export interface ClassScores extends Scores {
  /** Class of every channel as masks hold it, ascending: 0 background where it is among them, then 1 to C. */
  readonly classes: readonly number[];
}

/**
 * Lays maps out as scores, by ascending class.
 *
 * @param cams maps by class
 * @param first class number, as masks hold it, of map 0: 1 where maps are of foreground classes only
 * @param name the image's, for messages
 * @returns the scores; no channels where there are no maps
 * @throws {RangeError} where a map holds anything but finite numbers
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoresOfMaps } from "./class_scores.ts";
 * const maps = new Map([[7, Float32Array.of(0, 1)], [2, Float32Array.of(0.5, 0)]]);
 * const { classes, data } = scoresOfMaps({ width: 2, height: 1, maps }, 1, "cat");
 * assertEquals(classes, [3, 8]);
 * assertEquals(data, Float32Array.of(0.5, 0, 0, 1));
 * ```
 */
export function scoresOfMaps(
  { width, height, maps }: Cams,
  first: 0 | 1,
  name: string,
): ClassScores {
  const ordered = [...maps].toSorted(([a], [b]) => a - b);
  const pixels = width * height;
  const data = new Float32Array(ordered.length * pixels);
  for (const [channel, [c, map]] of ordered.entries()) {
    const bad = map.findIndex((score) => !Number.isFinite(score));
    if (bad >= 0) {
      throw userError(
        new RangeError(
          `Cannot use the scores of ${name}: that of class ${c + first} at x ${bad % width}, y ${
            Math.floor(bad / width)
          } is ${map[bad]}; scores must be finite numbers`,
        ),
      );
    }
    data.set(map, channel * pixels);
  }
  const classes = ordered.map(([c]) => c + first);
  return { width, height, channels: classes.length, data, classes };
}

/**
 * Splits scores into maps, as the SEAM authors' la and ha CRF files hold them.
 *
 * @param scores background among them
 * @returns maps by class number, 0 background
 */
export function mapsOfScores({ width, height, data, classes }: ClassScores): Cams {
  const pixels = width * height;
  const maps = new Map(
    classes.map((c, k) => [c, data.subarray(k * pixels, (k + 1) * pixels)] as const),
  );
  return { width, height, maps };
}

/**
 * The class of the highest score at every pixel, the first of equals.
 *
 * @param scores at least one channel
 * @returns one channel uint8
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { strongestClass } from "seamstress/wsss";
 * const data = Float32Array.of(0.5, 0.1, 0.5, 0.9);
 * const scores = { width: 2, height: 1, channels: 2, data, classes: [0, 12] };
 * assertEquals(strongestClass(scores).data, Uint8Array.of(0, 12));
 * ```
 */
export function strongestClass({ width, height, data, classes }: ClassScores): Raster {
  const pixels = width * height;
  const strongest = data.slice(0, pixels);
  const mask = new Uint8Array(pixels).fill(classes[0]!);
  for (let k = 1; k < classes.length; k++) {
    for (let pixel = 0, at = k * pixels; pixel < pixels; pixel++, at++) {
      if (data[at]! > strongest[pixel]!) {
        strongest[pixel] = data[at]!;
        mask[pixel] = classes[k]!;
      }
    }
  }
  return { width, height, channels: 1, data: mask };
}
