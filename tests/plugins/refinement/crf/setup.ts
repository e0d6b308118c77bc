import type { Scores } from "../../../../core/contracts/refinement.ts";
import { Rng } from "../../../../core/rng.ts";
import type { Raster } from "../../../../core/data/sample.ts";
import {
  type DenseCrfOptions,
  denseCrfOptions,
} from "../../../../plugins/refinement/crf/options.ts";

/** The authors' options, some changed. */
export function options(
  changed: Parameters<typeof denseCrfOptions.parse>[0] = {},
): DenseCrfOptions {
  return denseCrfOptions.parse(changed);
}

/** Two noisy halves of different colour. */
export function halves(width: number, height: number, seed = 1): Raster {
  const rng = Rng.of(seed, "image"), data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const left = Math.floor(i / 3) % width < width / 2;
    data[i] = (left ? 60 : 180) + rng.integer(30);
  }
  return { width, height, channels: 3, data };
}

/** Random probabilities that sum to 1 for every pixel. */
export function randomScores(width: number, height: number, channels: number, seed = 1): Scores {
  const rng = Rng.of(seed, "scores"), pixels = width * height;
  const data = new Float32Array(channels * pixels);
  for (let i = 0; i < pixels; i++) {
    const powers = Array.from({ length: channels }, () => Math.exp(rng.normal()));
    const sum = powers.reduce((a, b) => a + b);
    powers.forEach((power, c) => data[c * pixels + i] = power / sum);
  }
  return { width, height, channels, data };
}

/** max|a - b|. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = Math.abs(a.length - b.length);
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
