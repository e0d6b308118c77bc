import * as tf from "@tensorflow/tfjs";
import type { Method, TensorBatch } from "../../../core/contracts/method.ts";
import { Model } from "../../../plugins/wsss/training/model.ts";
import { Registry } from "../../../core/registry/registry.ts";
import type { WeightedLoss } from "../../../core/trainer/gradients.ts";
import { plugins } from "../../../plugins/mod.ts";
import { tinyNetwork } from "../heads/setup.ts";
import { randomMaps } from "../losses/numeric.ts";

const registry = new Registry(plugins);

/** Foreground classes of {@linkcode batchOf}. */
export const CLASSES = 3;

/** Makes a method as a recipe does. */
export async function makeMethod(
  use: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Method> {
  return await registry.create("method", { use, ...options }, undefined);
}

/** The tiny network under a head. */
export async function makeModel(
  head: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Model> {
  const { backbone, head: made, params } = await tinyNetwork(head, options, CLASSES);
  return new Model(backbone, made, params);
}

/** Makes losses of weight 1. */
export async function makeLosses(
  names: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
): Promise<readonly WeightedLoss[]> {
  return await Promise.all(names.map(async (use) => {
    const loss = await registry.create("loss", { use, ...options }, undefined);
    return { name: use, loss, weight: 1, start: 0 };
  }));
}

/** Height and width of images. */
type Size = readonly [number, number];

/** Rows `from` to `to` of the same eight samples; the caller disposes them. */
export function batchOf(from: number, to: number, size: Size = [17, 21]): TensorBatch {
  return tf.tidy(() => {
    const { shape, data } = randomMaps("batch", [8, ...size, 3]);
    const image = tf.tensor4d(Float32Array.from(data), [...shape]);
    const rows = Array.from(
      { length: to - from },
      (_, i) => Array.from({ length: CLASSES }, (_, c) => Number((from + i) % (c + 2) === 0)),
    );
    return {
      image: tf.slice(image, [from, 0, 0, 0], [to - from, -1, -1, -1]),
      targets: { label: tf.tensor2d(rows) },
    };
  });
}
