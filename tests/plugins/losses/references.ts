/** SEAM's losses in float64, as plain loops over the definitions in the author code's `train_SEAM.py`. */

import { build, type Maps, mean, meanOfLargest, plane } from "./numeric.ts";

const EPSILON = 1e-5;

/** `max_norm` of `tool/visualization.py`. */
export function maxNorm(cam: Maps): Maps {
  const extremes = (n: number, c: number) => {
    const values = plane(cam, n, c).map((value) => Math.max(value, 0));
    return { values, max: Math.max(...values), min: Math.min(...values) };
  };
  const [samples, , , channels] = cam.shape;
  const planes = Array.from(
    { length: samples },
    (_, n) => Array.from({ length: channels }, (_, c) => extremes(n, c)),
  );
  return build(cam.shape, (n, pixel, c) => {
    const { values, max, min } = planes[n]![c]!;
    return Math.max(values[pixel]! - min - EPSILON, 0) / (max - min + EPSILON);
  });
}

/** Strongest foreground value of a pixel. */
function strongest({ shape: [, height, width, channels], data }: Maps, n: number, pixel: number) {
  const start = (n * height * width + pixel) * channels;
  return Math.max(...data.subarray(start + 1, start + channels));
}

/** Background to 1 − max over the foreground, then `max_onehot`. */
export function target(cam: Maps): Maps {
  const [, height, width, channels] = cam.shape;
  return build(cam.shape, (n, pixel, c) => {
    const best = strongest(cam, n, pixel);
    if (c === 0) return 1 - best;
    const value = cam.data[(n * height * width + pixel) * channels + c]!;
    return value === best ? value : 0;
  });
}

/** `multilabel_soft_margin_loss` of the mean over the image. */
export function classification(cam: Maps, label: readonly (readonly number[])[]): number {
  return mean(label.flatMap((row, n) =>
    row.map((y, c) => {
      const x = mean(plane(cam, n, c + 1));
      return -(y * Math.log(1 / (1 + Math.exp(-x))) + (1 - y) * Math.log(1 / (1 + Math.exp(x))));
    })
  ));
}

/** `adaptive_min_pooling_loss` of the labelled foreground. */
export function minPooling(cam: Maps, label: readonly (readonly number[])[]): number {
  const [, height, width] = cam.shape;
  return mean(label.map((row, n) => {
    const planes = row.map((y, c) => plane(cam, n, c + 1).map((value) => value * y));
    const best = planes[0]!.map((_, i) => Math.max(...planes.map((values) => values[i]!)));
    const smallest = [...best].sort((a, b) => a - b).slice(0, Math.floor(height * width / 4));
    return mean(smallest.map((value) => Math.max(value, 0)));
  }));
}

/** `loss_er`. */
export function er(first: Maps, second: Maps): number {
  const { shape: [, , , channels] } = first;
  return mean(
    [...first.data].map((value, i) => Math.abs(value - second.data[i]!))
      .filter((_, i) => i % channels !== 0),
  );
}

/** One direction of `loss_ecr`: the largest `part` of each sample's differences. */
export function ecrDirection(goal: Maps, revised: Maps, part: number): number {
  const [samples, height, width, channels] = goal.shape;
  const count = height * width * channels;
  return mean(Array.from({ length: samples }, (_, n) => {
    const differences = Array.from(
      { length: count },
      (_, i) => Math.abs(goal.data[n * count + i]! - revised.data[n * count + i]!),
    );
    return meanOfLargest(differences, Math.trunc(count * part));
  }));
}
