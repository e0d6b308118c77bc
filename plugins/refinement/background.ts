import type { Scores } from "seamstress";

/**
 * Prepends a constant background score to foreground scores; alpha is the background threshold of pseudo labels.
 *
 * @param foreground `[C,H,W]`, 0..1
 * @param alpha score of the background
 * @returns `[1+C,H,W]`
 */
export function constantBackground(foreground: Scores, alpha: number): Scores {
  return withBackground(foreground, new Float32Array(pixelsOf(foreground)).fill(alpha));
}

/**
 * Prepends the background score (1 - max_c score)^power to foreground scores; it is high where all of them are low. SEAM's
 * authors use powers 4 and 24 for the "low alpha" and "high alpha" CRF (`infer_SEAM.py`), 6 for the random walk (`infer_aff.py`; in
 * psa's script of that name 16, with logt 8).
 *
 * @param foreground `[C,H,W]`, 0..1
 * @param power > 0; a higher power gives lower background scores
 * @returns `[1+C,H,W]`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { powerBackground } from "./background.ts";
 * const cams = { channels: 2, height: 1, width: 2, data: Float32Array.of(0.5, 0, 0.25, 1) };
 * const { channels, data } = powerBackground(cams, 4);
 * assertEquals(channels, 3);
 * assertEquals(data, Float32Array.of(0.0625, 0, 0.5, 0, 0.25, 1));
 * ```
 */
export function powerBackground(foreground: Scores, power: number): Scores {
  const { channels, data } = foreground, pixels = pixelsOf(foreground);
  const background = new Float32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    let most = 0;
    for (let c = 0; c < channels; c++) most = Math.max(most, data[c * pixels + pixel]!);
    background[pixel] = Math.max(1 - most, 0) ** power;
  }
  return withBackground(foreground, background);
}

/**
 * Returns the power whose background score equals alpha where the strongest CAM is alpha, so that a pixel is background below
 * alpha, as with a constant background of score alpha: (1 - alpha)^power = alpha.
 *
 * @param alpha CAM, above 0 and below 1
 * @returns ln(alpha) / ln(1 - alpha), > 0
 *
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { powerOfAlpha } from "./background.ts";
 * assertEquals(powerOfAlpha(0.5), 1);
 * assertAlmostEquals((1 - 0.26) ** powerOfAlpha(0.26), 0.26);
 * ```
 */
export function powerOfAlpha(alpha: number): number {
  return Math.log(alpha) / Math.log1p(-alpha);
}

function pixelsOf({ width, height }: Scores): number {
  return width * height;
}

function withBackground(
  { width, height, channels, data }: Scores,
  background: Float32Array,
): Scores {
  const all = new Float32Array(background.length + data.length);
  all.set(background);
  all.set(data, background.length);
  return { width, height, channels: channels + 1, data: all };
}
