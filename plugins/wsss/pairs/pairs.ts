/** Which pixels of a feature map AffinityNet pairs: `get_indices_of_pairs` of the authors' `tool/pyutils.py`. */
export interface PixelPairs {
  /** `[M]`: index of each pair's first pixel, the same for every offset. */
  readonly from: Int32Array;
  /** `[P,M]`: index of each pair's second pixel. */
  readonly to: Int32Array;
}

/** The authors' radius. */
export const RADIUS = 5;

/**
 * The radius within which pixels of a feature map are paired: smaller on maps too small for it, as in the authors' `resnet38_aff.py`.
 *
 * @param height of the map
 * @param width of the map
 * @param radius wanted
 * @returns the radius; no pixels are closer than 1
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fittingRadius } from "seamstress/wsss";
 * assertEquals(fittingRadius(12, 16), 5);
 * assertEquals(fittingRadius(47, 8), 3);
 * ```
 */
export function fittingRadius(height: number, width: number, radius: number = RADIUS): number {
  const edge = Math.min(height, width);
  return edge < 2 * radius + 1 ? Math.floor((edge - 1) / 2) : radius;
}

/**
 * Offsets of a pair's second pixel from its first: half of a disc, so that no pair comes twice.
 *
 * @param radius all are closer than it
 * @returns `[dy, dx]`, in the order of the affinity's rows
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pairOffsets } from "seamstress/wsss";
 * assertEquals(pairOffsets(2), [[0, 1], [1, -1], [1, 0], [1, 1]]);
 * assertEquals(pairOffsets(5).length, 34);
 * ```
 */
export function pairOffsets(radius: number): readonly (readonly [dy: number, dx: number])[] {
  const offsets: [number, number][] = [];
  for (let dx = 1; dx < radius; dx++) offsets.push([0, dx]);
  for (let dy = 1; dy < radius; dy++) {
    for (let dx = 1 - radius; dx < radius; dx++) {
      if (dx * dx + dy * dy < radius * radius) offsets.push([dy, dx]);
    }
  }
  return offsets;
}

/**
 * Pairs the pixels of a feature map. Only those are a first pixel from which every offset stays on the map, so pixels near the border
 * have fewer pairs.
 *
 * @param height of the map
 * @param width of the map
 * @param radius that fits the map
 * @returns the pairs; none where the radius is below 2
 */
export function pixelPairs(height: number, width: number, radius: number): PixelPairs {
  const offsets = pairOffsets(radius), margin = radius - 1;
  if (offsets.length === 0) return { from: new Int32Array(0), to: new Int32Array(0) };
  const from: number[] = [];
  for (let y = 0; y < height - margin; y++) {
    for (let x = margin; x < width - margin; x++) from.push(y * width + x);
  }
  const to = new Int32Array(offsets.length * from.length);
  offsets.forEach(([dy, dx], p) => {
    from.forEach((pixel, m) => to[p * from.length + m] = pixel + dy * width + dx);
  });
  return { from: Int32Array.from(from), to };
}
