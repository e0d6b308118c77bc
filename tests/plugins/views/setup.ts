import * as tf from "@tensorflow/tfjs";
import type { View } from "../../../core/contracts/view.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { composeView } from "../../../plugins/views/compose.ts";
import { flipView } from "../../../plugins/views/flip.ts";
import { rescaleView } from "../../../plugins/views/rescale.ts";
import { rotateView } from "../../../plugins/views/rotate.ts";
import { translateView } from "../../../plugins/views/translate.ts";
import { randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";

const registry = new Registry([composeView, flipView, rescaleView, rotateView, translateView]);

/** Makes a view as a recipe does. */
export async function makeView(
  use: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<View> {
  return await registry.create("view", { use, ...options }, undefined);
}

/** Uniform in −1 .. 1, the same for the same name. */
export function randomTensor(
  name: string,
  shape: readonly [number, number, number, number],
): tf.Tensor4D {
  return tensorOf(randomMaps(name, shape));
}

/** Rows of pixels, one sample and channel. */
export async function rowsOf(x: tf.Tensor4D): Promise<number[][]> {
  const rows = await tf.squeeze<tf.Tensor2D>(x, [0, 3]).array();
  return rows;
}
