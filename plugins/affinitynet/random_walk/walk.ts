import { type Scores, userError } from "seamstress";
import { averagePool, upsample, walkSteps } from "seamstress/wsss";
import { type PairAffinity, transitionMatrix } from "./transition.ts";

/** Options of the random walk. */
export interface WalkOptions {
  /** Elementwise power of the affinity, > 0; the authors' 8. */
  readonly beta: number;
  /** Log2 of the number of steps; the authors' 6, 64 steps. */
  readonly logt: number;
  /** Pixels of the image per pixel of the affinity map, 8. */
  readonly stride: number;
}

/** The authors' settings. */
export const WALK_OPTIONS: WalkOptions = { beta: 8, logt: 6, stride: 8 };

/**
 * Spreads class scores over an image by a random walk along AffinityNet's affinities (the SEAM authors' `infer_aff.py`): pooled
 * to the feature map's size, multiplied by T^(2^logt), enlarged again.
 *
 * @param scores of all classes, background first, `[C,H,W]`
 * @param affinity of pixel pairs of the map of ⌈H/stride⌉ x ⌈W/stride⌉ pixels
 * @param options powers and stride
 * @returns `[C,H,W]`
 * @throws {RangeError} where the sizes do not fit, or a score or affinity is no number
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { randomWalk } from "./walk.ts";
 * const scores = { channels: 1, height: 8, width: 8, data: new Float32Array(64).fill(0.5) };
 * const affinity = { height: 1, width: 1, data: new Float32Array(0) };
 * assertEquals(randomWalk(scores, affinity), scores);
 * ```
 */
export function randomWalk(
  scores: Scores,
  affinity: PairAffinity,
  options: WalkOptions = WALK_OPTIONS,
): Scores {
  const { beta, logt, stride } = options;
  checkScores(scores, affinity, stride);
  const pooled = averagePool(scores, stride);
  const walked = walkSteps(transitionMatrix(affinity, beta), pooled, 2 ** logt);
  return upsample(walked, scores, stride);
}

function checkScores(
  { width, height, channels, data }: Scores,
  affinity: PairAffinity,
  stride: number,
): void {
  const rows = Math.ceil(height / stride), columns = Math.ceil(width / stride);
  if (affinity.height !== rows || affinity.width !== columns) {
    throw userError(
      new RangeError(
        `Cannot walk on scores of ${width}x${height} pixels: at stride ${stride} they need ` +
          `affinities of ${columns}x${rows}, given are ${affinity.width}x${affinity.height}`,
      ),
    );
  }
  if (data.length !== channels * width * height) {
    throw userError(
      new RangeError(
        `Cannot walk on ${data.length} scores: ${channels} classes of ${width}x${height} pixels ` +
          `are ${channels * width * height}`,
      ),
    );
  }
  const bad = data.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) {
    throw userError(
      new RangeError(
        `Cannot walk on scores: that of class ${Math.floor(bad / (width * height))} at x ` +
          `${bad % width}, y ${Math.floor(bad / width) % height} is ${data[bad]}`,
      ),
    );
  }
}
