import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, userError, type View } from "seamstress";

/**
 * Translates an image; zero outside it.
 *
 * @param x `[N,H,W,C]` float32
 * @param down pixels, |down| < H
 * @param right pixels, |right| < W
 * @returns `[N,H,W,C]`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { translate } from "./translate.ts";
 * const row = tf.tensor4d([1, 2, 3], [1, 1, 3, 1]);
 * assertEquals([...translate(row, 0, 1).dataSync()], [0, 1, 2]);
 * assertEquals([...translate(row, 0, -2).dataSync()], [3, 0, 0]);
 * ```
 */
export function translate(x: tf.Tensor4D, down: number, right: number): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  return tf.tidy(() => {
    const kept = tf.slice(
      x,
      [0, Math.max(0, -down), Math.max(0, -right), 0],
      [samples, height - Math.abs(down), width - Math.abs(right), channels],
    );
    return tf.pad(kept, [
      [0, 0],
      [Math.max(0, down), Math.max(0, -down)],
      [Math.max(0, right), Math.max(0, -right)],
      [0, 0],
    ]);
  });
}

/** Translates a batch by whole pixels drawn per step. */
export const translateView = definePlugin({
  kind: "view",
  name: "translate",
  summary: "moves by random whole pixels, zero fill",
  options: z.strictObject({
    pixels: z.int().min(0).default(15).describe(
      "both shifts are uniform in minus to plus this many pixels",
    ),
  }),
  create({ pixels }): View {
    return {
      draw(rng) {
        const shift = () => rng.integer(2 * pixels + 1) - pixels;
        const down = shift(), right = shift();
        return {
          apply(x) {
            const [height, width] = [x.shape[1], x.shape[2]];
            if (pixels >= Math.min(height, width)) {
              throw userError(
                new RangeError(
                  `Cannot translate ${height}x${width} by up to ${pixels} pixels: pixels must be below both sides`,
                ),
              );
            }
            return translate(x, down, right);
          },
        };
      },
    };
  },
});
