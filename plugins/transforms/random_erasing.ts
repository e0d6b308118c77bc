import * as z from "zod";
import { definePlugin, mapRasters, type Raster, type Rng, userError } from "seamstress";

/** Places that are tried for each rectangle; where none fits, nothing is erased. */
const ATTEMPTS = 10;

/** What of an image is erased, in pixels. */
interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Which rectangles are drawn. */
interface Shape {
  readonly minArea: number;
  readonly maxArea: number;
  readonly minAspect: number;
}

/** Draws a rectangle of random area and shape that is smaller than the image on both sides. */
function draw(
  { width, height }: Raster,
  { minArea, maxArea, minAspect }: Shape,
  rng: Rng,
): Rectangle | undefined {
  const most = -Math.log(minAspect);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = rng.uniform(minArea, maxArea) * width * height;
    const aspect = Math.exp(rng.uniform(-most, most));
    const h = Math.round(Math.sqrt(area * aspect)), w = Math.round(Math.sqrt(area / aspect));
    if (h >= height || w >= width) continue;
    const top = rng.integer(height - h + 1), left = rng.integer(width - w + 1);
    return { top, left, height: h, width: w };
  }
  return undefined;
}

/** Writes what `values` gives, pixel by pixel and channel by channel, into a rectangle. */
function fill(
  raster: Raster,
  { top, left, height, width }: Rectangle,
  value: (channel: number) => number,
): Raster {
  const data = raster.data.slice(), { channels } = raster;
  for (let y = top; y < top + height; y++) {
    const start = (y * raster.width + left) * channels;
    for (let i = 0; i < width * channels; i++) data[start + i] = value(i % channels);
  }
  return { ...raster, data };
}

/** What an erased part holds, in normalised values. */
const FILLS: Readonly<Record<string, (rng: Rng) => (channel: number) => number>> = {
  pixel: (rng) => () => rng.normal(),
  color: (rng) => {
    const colour = [rng.normal(), rng.normal(), rng.normal()];
    return (channel) => colour[channel]!;
  },
  mean: () => () => 0,
};

/**
 * Transform `random-erasing` (Zhong et al., "Random Erasing Data Augmentation", AAAI 2020), as timm's `RandomErasing` does it to
 * normalised images, which DeiT's trainings have.
 */
export const randomErasing = definePlugin({
  kind: "transform",
  name: "random-erasing",
  summary: "replaces a random rectangle by noise, one colour or the mean, with a probability",
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.25).describe(
      "share of samples of which something is erased",
    ),
    minArea: z.number().positive().max(1).default(0.02).describe("least part of the image"),
    maxArea: z.number().positive().max(1).default(1 / 3).describe("largest part of the image"),
    minAspect: z.number().positive().max(1).default(0.3).describe(
      "least height by width; the largest is 1 by this",
    ),
    mode: z.enum(["pixel", "color", "mean"]).default("pixel").describe(
      "normal noise for every pixel (timm: pixel), one colour of it (rand), or the mean colour (const)",
    ),
    mask: z.enum(["keep", "ignore"]).default("keep").describe(
      "whether mask and maps keep what they say there, or are 255 and 0",
    ),
  }).refine(({ minArea, maxArea }) => minArea <= maxArea, {
    path: ["minArea"],
    error: "minArea must be <= maxArea",
  }),
  create: ({ probability, mode, mask, ...shape }) => ({
    apply(sample, rng) {
      const { image } = sample;
      if (!(image.data instanceof Float32Array)) {
        throw userError(
          new TypeError(
            "Cannot apply the transform random-erasing to pixels that are not normalised: list it after normalize",
          ),
        );
      }
      if (rng.float() >= probability) return sample;
      const part = draw(image, shape, rng);
      if (part === undefined) return sample;
      const erased = fill(image, part, FILLS[mode]!(rng));
      if (mask === "keep") return { ...sample, image: erased };
      const maps = mapRasters(
        sample,
        (mask) => fill(mask, part, () => 255),
        (map) => fill(map, part, () => 0),
      );
      return { ...maps, image: erased };
    },
  }),
});
