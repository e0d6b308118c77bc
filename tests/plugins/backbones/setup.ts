import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Backbone } from "../../../core/contracts/backbone.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { mit } from "../../../plugins/backbones/mit.ts";
import { mobilenetv2 } from "../../../plugins/backbones/mobilenetv2.ts";
import { resnet101, resnet50 } from "../../../plugins/backbones/resnet.ts";
import { resnet38 } from "../../../plugins/backbones/resnet38.ts";
import { tiny } from "../../../plugins/backbones/tiny.ts";
import { vgg16 } from "../../../plugins/backbones/vgg16.ts";
import { vit } from "../../../plugins/backbones/vit.ts";
import { randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";

const registry = new Registry([mit, mobilenetv2, resnet38, resnet50, resnet101, tiny, vgg16, vit]);

/** Makes a backbone as a recipe does. */
export async function makeBackbone(
  use: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Backbone> {
  return await registry.create("backbone", { use, ...options }, undefined);
}

/** Its parameters as they start. */
export function startingParams(backbone: Backbone): ParamStore {
  return ParamStore.create(backbone.params, Rng.of(1));
}

/** Elements of weights and biases, without buffers: what PyTorch counts as parameters. */
export function countWeights(params: readonly ParamSpec[]): number {
  return params.filter(({ role }) => role !== "buffer")
    .reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
}

/** Checks that a backbone gives the taps that it states, of an image of samples, height and width, and leaves no other tensor. */
export function assertTapsAsStated(
  backbone: Backbone,
  [samples, height, width]: readonly [number, number, number],
  round = Math.ceil,
): void {
  const params = startingParams(backbone);
  const image = tensorOf(randomMaps("image", [samples, height, width, 3]));
  const before = tf.memory().numTensors;
  const taps = backbone.forward(image, params, inference);
  assertEquals(Object.keys(taps), backbone.taps.map(({ name }) => name));
  for (const { name, channels, stride } of backbone.taps) {
    const size = [height, width].map((side) => round(side / stride));
    assertEquals(taps[name]!.shape, [samples, ...size, channels], name);
  }
  assertEquals(tf.memory().numTensors, before + backbone.taps.length);
  tf.dispose([image, ...Object.values(taps)]);
  params.dispose();
}
