import * as tf from "@tensorflow/tfjs";
import type { Rng } from "seamstress";
import { resizeBilinear } from "seamstress/ops";
import type { Thresholds } from "./pseudo_labels.ts";

/** How a crop counts that shows hardly anything but background: as a negative. */
const LEAST_FOREGROUND = 0.2;

/** Attempts at a part of another shape before the whole image is taken; torchvision's. */
const ATTEMPTS = 10;

/** Local crops of a batch. */
export interface LocalCrops {
  /** `[L·N,side,side,3]`: all images' first crops, then their second ones. */
  readonly images: tf.Tensor4D;
  /** `[N,L]`: 1 where a crop may show what the image does, 0 where it is background. */
  readonly positive: tf.Tensor2D;
}

/**
 * How sure a CAM is of each pixel (author code `cam_to_roi_mask2`).
 *
 * @param cam `[N,H,W,C]` of 0..1, absent classes 0
 * @param thresholds up to low a pixel is background, from high on a class
 * @returns `[N,H,W]` float32: 0 background, 1 unsure, 2 a class
 */
export function regions(cam: tf.Tensor4D, { high, low }: Thresholds): tf.Tensor3D {
  return tf.tidy(() => {
    const value = tf.max(cam, 3);
    const isNot = tf.cast(tf.greater(value, low), "float32");
    return tf.add<tf.Tensor3D>(isNot, tf.cast(tf.greaterEqual(value, high), "float32"));
  });
}

/** `[N,L]` int32: numbers of the corners that are drawn, among all of which a crop fits. */
function drawCorners(
  region: tf.Tensor3D,
  { count, side }: { readonly count: number; readonly side: number },
  rngOf: (sample: number) => Rng,
): tf.Tensor2D {
  return tf.tidy(() => {
    const [samples, height, width] = region.shape;
    const size = [height - side, width - side] as const, places = size[0] * size[1];
    const margin = Math.floor(side / 2);
    const middles = tf.slice(region, [0, margin, margin], [-1, ...size]);
    const wanted = tf.cast(tf.lessEqual(tf.reshape(middles, [samples, places]), 1), "float32");
    // Of an image with too few of them every place is as good.
    const enough = tf.cast(tf.greaterEqual(tf.sum(wanted, 1, true), count), "float32");
    const chances = new Float32Array(samples * places);
    for (let n = 0, i = 0; n < samples; n++) {
      const rng = rngOf(n);
      for (let k = 0; k < places; k++) chances[i++] = rng.float();
    }
    const chance = tf.tensor2d(chances, [samples, places]);
    return tf.topk(tf.add(chance, tf.mul(wanted, enough)), count).indices as tf.Tensor2D;
  });
}

/** `[N,L,side,side]` int32: numbers of each crop's pixels among those of all images. */
function pixelsOf(corners: tf.Tensor2D, side: number, height: number, width: number): tf.Tensor {
  return tf.tidy(() => {
    const samples = corners.shape[0], across = width - side;
    // Half a place more: the quotient is never rounded to the row above.
    const rows = tf.floor(tf.div(tf.add(tf.cast(corners, "float32"), 0.5), across));
    const columns = tf.sub(tf.cast(corners, "float32"), tf.mul(rows, across));
    const range = (length: number) => tf.range(0, length, 1, "int32");
    const int = (x: tf.Tensor) => tf.cast(x, "int32");
    const scalar = (value: number) => tf.scalar(value, "int32");
    const first = tf.add(
      tf.mul(tf.reshape(range(samples), [samples, 1]), scalar(height * width)),
      tf.add(tf.mul(int(rows), scalar(width)), int(columns)),
    );
    const steps = tf.add(tf.mul(tf.reshape(range(side), [side, 1]), scalar(width)), range(side));
    return tf.add(tf.reshape(first, [samples, -1, 1, 1]), steps);
  });
}

/**
 * Cuts local crops whose middles the CAM is not sure to be a class, and says which of them are background (author code
 * `crop_from_roi_neg`).
 *
 * @param image `[N,H,W,3]`
 * @param region `[N,H,W]` of {@linkcode regions}
 * @param shape how many crops of an image, and their side, below that of the image
 * @param rngOf the stream of a sample
 * @returns crops, and which count as positive
 */
export function localCrops(
  image: tf.Tensor4D,
  region: tf.Tensor3D,
  shape: { readonly count: number; readonly side: number },
  rngOf: (sample: number) => Rng,
): LocalCrops {
  const { count, side } = shape;
  return tf.tidy(() => {
    const [samples, height, width, channels] = image.shape;
    const pixels = pixelsOf(drawCorners(region, shape, rngOf), side, height, width);
    const cut = tf.gather(
      tf.reshape(image, [samples * height * width, channels]),
      tf.reshape(tf.transpose(pixels, [1, 0, 2, 3]), [-1]),
    );
    const share = tf.mean(
      tf.reshape(tf.gather(tf.reshape(region, [-1]), tf.reshape(pixels, [-1])), [
        samples,
        count,
        side * side,
      ]),
      2,
    );
    return {
      images: tf.reshape<tf.Rank.R4>(cut, [count * samples, side, side, channels]),
      positive: tf.cast<tf.Tensor2D>(tf.greater(share, LEAST_FOREGROUND), "float32"),
    };
  });
}

/** Start and length of one side of a part. */
type Span = readonly [number, number];

/** Draws a part of an image: its area uniform in a range, its shape between 3:4 and 4:3. */
function drawPart(height: number, width: number, area: Span, rng: Rng): readonly [Span, Span] {
  for (let i = 0; i < ATTEMPTS; i++) {
    const pixels = height * width * rng.uniform(...area);
    const ratio = Math.exp(rng.uniform(Math.log(3 / 4), Math.log(4 / 3)));
    const h = Math.round(Math.sqrt(pixels / ratio)), w = Math.round(Math.sqrt(pixels * ratio));
    if (h < 1 || w < 1 || h > height || w > width) continue;
    return [[rng.integer(height - h + 1), h], [rng.integer(width - w + 1), w]];
  }
  return [[0, height], [0, width]];
}

/**
 * A second view of each image: a part of it at the image's size, mirrored or not.
 *
 * @param image `[N,H,W,3]`
 * @param area least and most of the image's area
 * @param rngOf the stream of a sample
 * @returns `[N,H,W,3]`
 */
export function secondView(
  image: tf.Tensor4D,
  area: readonly [number, number],
  rngOf: (sample: number) => Rng,
): tf.Tensor4D {
  return tf.tidy(() => {
    const [samples, height, width, channels] = image.shape;
    const views = Array.from({ length: samples }, (_, n) => {
      const rng = rngOf(n);
      const [[y, h], [x, w]] = drawPart(height, width, area, rng);
      const part = tf.slice(image, [n, y, x, 0], [1, h, w, channels]);
      const view = resizeBilinear(part, [height, width], false);
      return rng.float() < 0.5 ? tf.reverse(view, 2) : view;
    });
    return tf.concat(views, 0);
  });
}
