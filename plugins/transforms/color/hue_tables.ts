const { fround, trunc } = Math;

/** Values of a byte. */
const LEVELS = 256;

/**
 * Part of the hue circle in sixths, by which channel is the greatest and which the least; how far the third is below the greatest is
 * `middle`, as a part of the range. As Pillow's `rgb2hsv_row` (`Convert.c`) computes it of all three.
 */
const SIXTHS: readonly ((middle: number) => number)[] = [
  (middle) => 1 - middle,
  (middle) => middle - 1,
  (middle) => 2 + middle - 1,
  (middle) => 2 + 1 - middle,
  (middle) => 4 + middle - 1,
  (middle) => 4 + 1 - middle,
];

/** Red is the greatest and blue the least, and so on: the place in {@linkcode SIXTHS}. */
export const RED_BLUE = 0, RED_GREEN = 1;
/** Green is the greatest. */
export const GREEN_BLUE = 2, GREEN_RED = 3;
/** Blue is the greatest. */
export const BLUE_RED = 4, BLUE_GREEN = 5;

/** What Pillow's way to 8-bit HSV gives, of every pixel that there can be; its variables are float32. */
export interface HueTables {
  /** `[order, range, greatest − middle]`: hue, 0..255. */
  readonly hue: Uint8Array;
  /** `[greatest, range]`: saturation, 0..255. */
  readonly saturation: Uint8Array;
  /** `[hue]`: sector of the colour circle, 0..5, */
  readonly sector: Uint8Array;
  /** and the place in it, 0..1. */
  readonly place: Float32Array;
}

function makeTables(): HueTables {
  const hue = new Uint8Array(SIXTHS.length * LEVELS * LEVELS);
  const saturation = new Uint8Array(LEVELS * LEVELS);
  for (let range = 1; range < LEVELS; range++) {
    for (const [order, sixthOf] of SIXTHS.entries()) {
      for (let below = 0; below <= range; below++) {
        const turn = fround(sixthOf(fround(below / range))) / 6 + 1;
        hue[(order * LEVELS + range) * LEVELS + below] = trunc(
          fround(turn < 1 ? turn : turn - 1) * 255,
        );
      }
    }
    for (let max = range; max < LEVELS; max++) {
      saturation[max * LEVELS + range] = trunc(fround(range / max) * 255);
    }
  }
  const sixths = Float64Array.from({ length: LEVELS }, (_, at) => at * 6 / 255);
  return {
    hue,
    saturation,
    sector: Uint8Array.from(sixths, (at) => trunc(at) % 6),
    place: Float32Array.from(sixths, (at) => at - trunc(at)),
  };
}

let made: HueTables | undefined;

/** @returns the tables, made at the first call */
export function hueTables(): HueTables {
  return made ??= makeTables();
}
