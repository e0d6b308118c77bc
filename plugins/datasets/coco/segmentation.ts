import { messageOf, show, userError } from "seamstress";
import { regionOfPolygon, stepsOf } from "./polygon.ts";
import { type Region, regionOfRuns, unionOf } from "./region.ts";
import { checkRuns, decodeCounts } from "./rle.ts";

/** Most steps along the outlines of one object, in fifths of a pixel. */
const MOST_STEPS = 2 ** 25;

/** An object's pixels as the file has them, checked: run lengths, or polygons. */
export type Segmentation =
  | { readonly runs: Float64Array }
  | { readonly polygons: readonly (readonly number[])[] };

/** Height and width of an image. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

function polygonsOf(lists: readonly unknown[]): readonly (readonly number[])[] {
  if (lists.length === 0) throw userError(new RangeError("it has no polygon"));
  for (const list of lists) {
    if (!Array.isArray(list) || !list.every((each) => Number.isFinite(each))) {
      throw userError(new TypeError(`found ${show(list)}, expected a polygon [x, y, x, y, …]`));
    }
    if (list.length < 6 || list.length % 2 === 1) {
      throw userError(
        new RangeError(`a polygon has ${list.length} numbers, expected pairs, three at least`),
      );
    }
  }
  const polygons = lists as readonly (readonly number[])[];
  const steps = polygons.reduce((sum, polygon) => sum + stepsOf(polygon), 0);
  if (steps > MOST_STEPS) {
    throw userError(
      new RangeError(
        `its outlines are ${Math.round(steps / 5)} pixels long, at most ${
          MOST_STEPS / 5 | 0
        } are drawn`,
      ),
    );
  }
  return polygons;
}

/**
 * Reads the value of `segmentation`: polygons, or run lengths as numbers or compressed.
 *
 * @param text JSON
 * @param size of the image
 * @returns what it holds
 * @throws {Error} a user error that says what is wrong, for a message that names file and object
 */
export function parseSegmentation(text: string, { height, width }: Size): Segmentation {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw userError(new SyntaxError(messageOf(error).slice(0, 200)));
  }
  if (Array.isArray(value)) return { polygons: polygonsOf(value) };
  const { size, counts } = (value ?? {}) as { readonly size?: unknown; readonly counts?: unknown };
  const isText = typeof counts === "string";
  if (!isText && !Array.isArray(counts)) {
    throw userError(
      new TypeError(`found ${show(value)}, expected polygons, or { size, counts } of run lengths`),
    );
  }
  if (!Array.isArray(size) || size.length !== 2 || size[0] !== height || size[1] !== width) {
    throw userError(
      new RangeError(
        `its size is ${show(size)}, the image's [height, width] [${height}, ${width}]`,
      ),
    );
  }
  const pixels = height * width;
  return { runs: isText ? decodeCounts(counts, pixels) : checkRuns(counts, pixels) };
}

/**
 * @param segmentation of {@linkcode parseSegmentation}
 * @param size of the image
 * @returns the object's pixels; of several polygons, pixels of any
 */
export function regionOf(segmentation: Segmentation, { height, width }: Size): Region {
  return "runs" in segmentation
    ? regionOfRuns(segmentation.runs)
    : unionOf(segmentation.polygons.map((each) => regionOfPolygon(each, height, width)));
}
