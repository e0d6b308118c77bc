import { areaOf, type Region } from "./region.ts";
import type { Size } from "./segmentation.ts";

/** The mask value of pixels to ignore. */
const IGNORED = 255;

/** Most pixels painted per pixel of the image, and besides: objects cover an image some times, not thousands of times. */
const MOST_LAYERS = 64, MOST_BESIDES = 2 ** 24;

/**
 * What becomes of a pixel of several objects. `smaller`: the object of fewer pixels has it. `first`, `last`: the first, the last in the file.
 * `ignore`: it is 255, as in torchvision's references/segmentation; `first` is what jfzhang95's pytorch-deeplab-xception and code after it do.
 */
export type Overlaps = "smaller" | "first" | "last" | "ignore";

/** An object to paint. */
export interface Painted {
  readonly region: Region;
  /** The mask value. */
  readonly value: number;
  /** Whether it lies below all others. */
  readonly below: boolean;
}

/** Objects in the order in which they are painted, each over those before it. */
function inOrder(objects: readonly Painted[], overlaps: Overlaps): readonly Painted[] {
  const below = objects.filter((each) => each.below), above = objects.filter((each) => !each.below);
  if (overlaps === "first") above.reverse();
  // The sort is stable: of two objects of the same area, the later in the file is on top.
  if (overlaps === "smaller") above.sort((a, b) => areaOf(b.region) - areaOf(a.region));
  return [...below, ...above];
}

/**
 * Paints objects into a mask.
 *
 * @param objects in the order of the file
 * @param size of the image
 * @param overlaps what becomes of pixels of several objects
 * @returns `[H,W]` uint8 row by row: an object's value, else 0
 * @throws {RangeError} where objects cover the image so often that it is no annotation
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { paint } from "./paint.ts";
 * const large = { region: Float64Array.of(0, 3), value: 1, below: false };
 * const small = { region: Float64Array.of(2, 4), value: 2, below: false };
 * const size = { height: 2, width: 2 };
 * assertEquals([...paint([small, large], size, "smaller")], [1, 2, 1, 2]);
 * assertEquals([...paint([small, large], size, "last")], [1, 1, 1, 2]);
 * ```
 */
export function paint(
  objects: readonly Painted[],
  { height, width }: Size,
  overlaps: Overlaps,
): Uint8Array {
  const pixels = height * width;
  const painted = objects.reduce((sum, { region }) => sum + areaOf(region), 0);
  if (painted > MOST_LAYERS * pixels + MOST_BESIDES) {
    throw new RangeError(`its objects have ${painted} pixels, the image ${pixels}`);
  }
  const columns = new Uint8Array(pixels);
  const covered = overlaps === "ignore" ? new Uint8Array(pixels) : undefined;
  for (const { region, value, below } of inOrder(objects, overlaps)) {
    for (let i = 0; i < region.length; i += 2) {
      const start = region[i]!, end = region[i + 1]!;
      if (!covered || below) columns.fill(value, start, end);
      else {
        for (let at = start; at < end; at++) {
          columns[at] = covered[at] === 1 ? IGNORED : value;
          covered[at] = 1;
        }
      }
    }
  }
  const rows = new Uint8Array(pixels);
  for (let x = 0, at = 0; x < width; x++) {
    for (let y = 0; y < height; y++) rows[y * width + x] = columns[at++]!;
  }
  return rows;
}
