import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Raster, type Refinement, type Scores } from "seamstress";
import { PIXEL_ADAPTIVE, pixelAdaptive } from "seamstress/wsss";

function check(scores: Scores, { width, height, channels }: Raster): void {
  if (scores.width === width && scores.height === height && channels === 3) return;
  throw new RangeError(
    `Cannot refine scores of ${scores.width}x${scores.height} by an image of ${width}x${height} with ${channels} channels`,
  );
}

/**
 * Pixel-adaptive refinement (PAR) of AFA and ToCo: scores flow from neighbours of like colour. With or without a background among them;
 * it computes on the backend.
 */
export const pixelAdaptiveRefinement = definePlugin({
  kind: "refinement",
  name: "pixel-adaptive",
  summary: "PAR of AFA and ToCo: scores flow from neighbours of like colour, at several distances",
  options: z.strictObject({
    dilations: z.array(z.int().min(1)).min(1).readonly().default(PIXEL_ADAPTIVE.dilations)
      .describe("distances of the eight neighbours, in pixels"),
    iterations: z.int().min(1).default(PIXEL_ADAPTIVE.iterations).describe("how often they flow"),
    colour: z.number().positive().default(PIXEL_ADAPTIVE.colour).describe(
      "difference in colour that counts, in standard deviations of the neighbours",
    ),
    position: z.number().min(0).default(PIXEL_ADAPTIVE.position).describe(
      "weight of nearness beside that of colour",
    ),
  }),
  create(options): Refinement {
    return {
      async refine(scores, image) {
        check(scores, image);
        const { width, height, channels } = scores;
        const refined = tf.tidy(() => {
          const pixels = tf.tensor4d(Float32Array.from(image.data), [1, height, width, 3]);
          const planes = tf.tensor3d(scores.data, [channels, height, width]);
          const maps = tf.expandDims<tf.Tensor4D>(tf.transpose(planes, [1, 2, 0]), 0);
          const flown = pixelAdaptive(pixels, maps, options);
          return tf.transpose(tf.squeeze<tf.Tensor3D>(flown, [0]), [2, 0, 1]);
        });
        try {
          return { ...scores, data: await refined.data<"float32">() };
        } finally {
          refined.dispose();
        }
      },
    };
  },
});
