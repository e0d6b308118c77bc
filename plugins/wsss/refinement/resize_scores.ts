import * as tf from "@tensorflow/tfjs";
import type { Scores } from "../../../core/contracts/refinement.ts";
import { resizeBilinear } from "../../ops/interpolate/resize_bilinear.ts";
import type { Raster } from "../../../core/data/sample.ts";

/**
 * Resizes scores: bilinear, align_corners false.
 *
 * @param scores of an image, at least one channel
 * @param size wanted
 * @returns the same scores where the size fits
 */
export async function resizeScores<S extends Scores>(
  scores: S,
  { width, height }: Pick<Raster, "width" | "height">,
): Promise<S> {
  if (scores.width === width && scores.height === height) return scores;
  const large = tf.tidy(() => {
    const { data, channels } = scores;
    // Channels are laid out one after another, as the images of a batch are.
    const maps = tf.tensor4d(data, [channels, scores.height, scores.width, 1]);
    return resizeBilinear(maps, [height, width], false);
  });
  try {
    return { ...scores, width, height, data: await large.data<"float32">() };
  } finally {
    large.dispose();
  }
}
