import { type Raster, type Scores, userError } from "seamstress";

/** Mean scores below this count as 0. */
const NO_SCORE = 1e-5;

const IGNORED = 255;

/** The scores that AffinityNet's labels are computed from. */
export interface LabelScores {
  /** CRF scores of an image with much background, (1 - max)^4: its foreground can be trusted. `[K,H,W]`, background first. */
  readonly lowAlpha: Scores;
  /** The same with little background, (1 - max)^24: its background can be trusted. */
  readonly highAlpha: Scores;
  /** Class of every channel as masks hold it: 0, then 1..254. */
  readonly classes: readonly number[];
}

/**
 * Labels for AffinityNet (Ahn & Kwak, CVPR 2018; author code psa, `voc12/data.py`, `VOC12AffDataset`): where low alpha
 * finds foreground, its class; where even high alpha finds background, background; elsewhere 255.
 *
 * The authors average the scores of every square of 8x8 pixels of a crop before they look for the best. Crops are yet to be drawn
 * here, so each pixel gets the label of the square around it, from 4 pixels above and left of it to 3 below and right. Read at the
 * middle of every 8x8 square of a crop, that is what the authors get; mirrored, the squares are one column aside.
 *
 * @param scores of both alphas, and the classes of their channels
 * @param square edge of the squares: the network's stride
 * @returns mask of the image's size
 * @throws {RangeError} where sizes or channels do not fit, or a score is no number
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelMask } from "./label_mask.ts";
 * const scores = (background: number[]) => ({
 *   channels: 2,
 *   height: 1,
 *   width: 3,
 *   data: Float32Array.from([...background, ...background.map((score) => 1 - score)]),
 * });
 * const mask = labelMask({
 *   lowAlpha: scores([0.1, 0.8, 0.9]),
 *   highAlpha: scores([0, 0.3, 0.7]),
 *   classes: [0, 12],
 * }, 1);
 * assertEquals([...mask.data], [12, 255, 0]);
 * ```
 */
export function labelMask({ lowAlpha, highAlpha, classes }: LabelScores, square = 8): Raster {
  check(lowAlpha, "low alpha", lowAlpha, classes);
  check(highAlpha, "high alpha", lowAlpha, classes);
  const { width, height } = lowAlpha;
  const low = strongest(lowAlpha, square), high = strongest(highAlpha, square);
  const data = low.channel.map((channel, pixel) => {
    if (Math.max(low.score[pixel]!, high.score[pixel]!) < NO_SCORE) return IGNORED;
    if (high.channel[pixel] === 0) return 0;
    return channel === 0 ? IGNORED : classes[channel]!;
  });
  return { width, height, channels: 1, data };
}

/** The channel with the highest mean around each pixel, the first of equal ones, and that mean. */
function strongest(
  { width, height, channels, data }: Scores,
  square: number,
): { channel: Uint8Array; score: Float64Array } {
  const pixels = width * height;
  const channel = new Uint8Array(pixels), score = new Float64Array(pixels).fill(-Infinity);
  for (let c = 0; c < channels; c++) {
    const map = data.subarray(c * pixels, (c + 1) * pixels);
    const across = slidingSum(
      map,
      { count: height, step: width },
      { count: width, step: 1 },
      square,
    );
    const sums = slidingSum(
      across,
      { count: width, step: 1 },
      { count: height, step: width },
      square,
    );
    for (let pixel = 0; pixel < pixels; pixel++) {
      const mean = sums[pixel]! / (square * square);
      if (mean > score[pixel]!) {
        score[pixel] = mean;
        channel[pixel] = c;
      }
    }
  }
  return { channel, score };
}

/** One axis of a map: how many, how far apart. */
interface Axis {
  readonly count: number;
  readonly step: number;
}

/** Sums of `length` neighbours along an axis, added in the same order everywhere, so that equal scores stay equal. */
function slidingSum(
  map: ArrayLike<number>,
  lines: Axis,
  along: Axis,
  length: number,
): Float64Array {
  const sums = new Float64Array(lines.count * along.count);
  const before = Math.floor(length / 2);
  for (let line = 0; line < lines.count; line++) {
    const start = line * lines.step;
    for (let i = 0; i < along.count; i++) {
      const from = Math.max(i - before, 0), to = Math.min(i - before + length, along.count);
      let sum = 0;
      for (let k = from; k < to; k++) sum += map[start + k * along.step]!;
      sums[start + i * along.step] = sum;
    }
  }
  return sums;
}

function check(
  scores: Scores,
  name: string,
  { width, height }: Scores,
  classes: readonly number[],
): void {
  const refuse = (problem: string) =>
    userError(new RangeError(`Cannot label pixels by scores of ${name}: ${problem}`));
  if (scores.width !== width || scores.height !== height) {
    throw refuse(
      `they are ${scores.width}x${scores.height}, those of low alpha ${width}x${height}`,
    );
  }
  const { channels, data } = scores;
  if (channels !== classes.length || data.length !== channels * width * height) {
    throw refuse(
      `${data.length} scores of ${channels} channels for ${classes.length} classes of ` +
        `${width}x${height} pixels`,
    );
  }
  const valid = (c: number, k: number) =>
    k === 0 ? c === 0 : Number.isInteger(c) && c > 0 && c < IGNORED;
  if (classes.length === 0 || !classes.every(valid)) {
    throw refuse(`the classes are ${classes.join(", ")}; they must be 0, then 1 to 254`);
  }
  const bad = data.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) {
    const pixel = bad % (width * height);
    throw refuse(
      `that of class ${classes[Math.floor(bad / (width * height))]} at x ${pixel % width}, ` +
        `y ${Math.floor(pixel / width)} is ${data[bad]}`,
    );
  }
}
