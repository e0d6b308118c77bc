import type { Scores } from "../../core/contracts/refinement.ts";

/**
 * Puts a constant background before foreground scores: what the alpha of pseudo labels is.
 *
 * @param foreground `[C,H,W]`, 0..1
 * @param alpha score of the background
 * @returns `[1+C,H,W]`
 */
export function constantBackground(foreground: Scores, alpha: number): Scores {
  return withBackground(foreground, new Float32Array(pixelsOf(foreground)).fill(alpha));
}

/**
 * Puts a background before foreground scores that is the stronger the weaker all of them are: (1 - max_c score)^power. SEAM's
 * authors use powers 4 and 24 for the "low alpha" and "high alpha" CRF (`infer_SEAM.py`), 6 for the random walk (`infer_aff.py`; in
 * psa's script of that name 16, with logt 8).
 *
 * @param foreground `[C,H,W]`, 0..1
 * @param power a higher one makes less background, > 0
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
