import * as z from "zod";
import { definePlugin, mapRasters, type Raster, resizeSample, type Rng } from "seamstress";

/** How often a part of another shape is drawn before the middle of the image is taken. */
const ATTEMPTS = 10;

/** A rectangle of pixels. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Range = readonly [number, number];

/** The middle of the image, as large as the bounds of its shape let it be. */
function middle({ width, height }: Raster, [low, high]: Range): Box {
  const shape = width / height;
  const box = shape < low
    ? { width, height: Math.round(width / low) }
    : shape > high
    ? { width: Math.round(height * high), height }
    : { width, height };
  const at = (side: number, part: number) => Math.floor((side - part) / 2);
  return { ...box, x: at(width, box.width), y: at(height, box.height) };
}

/** Draws a part of the image whose area and shape are in their ranges: torchvision's `RandomResizedCrop.get_params`. */
function draw(image: Raster, area: Range, shape: Range, rng: Rng): Box {
  for (let i = 0; i < ATTEMPTS; i++) {
    const pixels = image.width * image.height * rng.uniform(...area);
    const ratio = Math.exp(rng.uniform(Math.log(shape[0]), Math.log(shape[1])));
    const width = Math.round(Math.sqrt(pixels * ratio));
    const height = Math.round(Math.sqrt(pixels / ratio));
    if (width < 1 || height < 1 || width > image.width || height > image.height) continue;
    const y = rng.integer(image.height - height + 1), x = rng.integer(image.width - width + 1);
    return { x, y, width, height };
  }
  return middle(image, shape);
}

/** The pixels of a box. */
function cut({ width, channels, data }: Raster, box: Box): Raster {
  const part = data.slice(0, box.width * box.height * channels);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.y + y) * width + box.x) * channels;
    part.set(data.subarray(from, from + box.width * channels), y * box.width * channels);
  }
  return { width: box.width, height: box.height, channels, data: part };
}

const range = (low: number, high: number) =>
  z.tuple([z.number().positive(), z.number().positive()]).readonly().default([low, high])
    .refine(([from, to]) => from <= to, "expected the smaller number first");

/**
 * Transform `random-resized-crop`: a part of the image of random area and shape, resized to a square; torchvision's
 * `RandomResizedCrop` and timm's `RandomResizedCropAndInterpolation`, with Pillow's bicubic.
 */
export const randomResizedCrop = definePlugin({
  kind: "transform",
  name: "random-resized-crop",
  summary: "a part of random area and shape, resized to a square (Pillow bicubic, mask nearest)",
  options: z.strictObject({
    size: z.int().min(1).default(224).describe("side of the square, in pixels"),
    area: range(0.08, 1).describe("least and most of the image's area"),
    shape: range(3 / 4, 4 / 3).describe("least and most width by height, uniform in its logarithm"),
  }).refine(({ area }) => area[1] <= 1, { path: ["area"], error: "expected at most 1" }),
  create: ({ size, area, shape }) => ({
    apply(sample, rng) {
      const box = draw(sample.image, area, shape, rng);
      const part = (raster: Raster) => cut(raster, box);
      return resizeSample(
        { ...mapRasters(sample, part), image: part(sample.image) },
        size,
        size,
        "random-resized-crop",
      );
    },
  }),
});
