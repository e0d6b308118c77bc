import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { climb } from "../../../plugins/advcam/climb.ts";
import { camHead } from "../../../plugins/heads/cam.ts";
import { seamHead } from "../../../plugins/heads/seam.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Model } from "../../../plugins/wsss/training/model.ts";
import { eachBackend } from "../../backends.ts";
import { makeBackbone } from "../backbones/setup.ts";
import { randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";

const heads = new Registry([camHead, seamHead]);

/** Every kind of backbone that ships. */
const BACKBONES = [
  { use: "tiny", options: {}, size: 32 },
  { use: "resnet38", options: { width: 2 }, size: 33 },
  { use: "mobilenetv2", options: { outputStride: 16, width: 0.25 }, size: 33 },
  { use: "resnet50", options: { width: 2, trainFrom: "layer4" }, size: 65 },
  { use: "vgg16", options: { width: 2, trainFrom: "conv5" }, size: 33 },
  { use: "mit", options: { width: 4 }, size: 64 },
  { use: "vit", options: { patch: 4, channels: 8, depth: 3, heads: 2, imageSize: 16 }, size: 16 },
];

/** A network with random weights and a CAM head, or SEAM's, of one class: no others pull its score down. */
async function modelOf(
  use: string,
  options: Record<string, unknown>,
  head: Record<string, unknown> & { use: string } = { use: "cam" },
) {
  const backbone = await makeBackbone(use, options);
  const made = await heads.create("head", head, { taps: backbone.taps, classes: 1 });
  const params = ParamStore.create([...backbone.params, ...made.params], Rng.of(4));
  // A classifier of positive weights: the class is found wherever features are.
  const fc8 = params.get("fc8.weight");
  tf.tidy(() => fc8.assign(tf.abs(fc8)));
  return new Model(backbone, made, params);
}

const OPTIONS = { output: "cam", stepSize: 0.02, regularize: 0, threshold: 0.5 };

/** Sums of the first region and of the second, one step of the climb later. */
async function sumsOf(model: Model, view: tf.Tensor4D, options = OPTIONS): Promise<number[]> {
  const sums = await Promise.all([1, 2].map(async (iterations) => {
    const regions = climb(model, view, 0, iterations, options);
    const data = await regions.data<"float32">();
    regions.dispose();
    return data.reduce((sum, value) => sum + value, 0);
  }));
  return [sums[0]!, sums[1]! - sums[0]!];
}

for (const { use, options, size } of BACKBONES) {
  eachBackend(`a step up the image's gradient raises the score of ${use}'s class`, async () => {
    const model = await modelOf(use, options);
    const image = tensorOf(randomMaps("image", [1, size, size, 3]));
    const view = tf.concat([image, tf.reverse(image, 2)]);
    const held = tf.memory().numTensors;
    const [first, second] = await sumsOf(model, view);
    assertEquals(tf.memory().numTensors, held, "tensors were left behind");
    assert(first! > 0, "the class is found");
    assert(second! > first!, `${second} <= ${first}`);
    model.params.dispose();
    tf.dispose([image, view]);
  });
}

Deno.test("a strong regularizer keeps the class's region from changing; a first step has none", async () => {
  await tf.setBackend("wasm");
  const model = await modelOf("tiny", {});
  const image = tensorOf(randomMaps("image", [1, 32, 32, 3]));
  const after = async (iterations: number, regularize: number) => {
    const options = { ...OPTIONS, stepSize: 0.3, regularize, threshold: 0 };
    const regions = [iterations, iterations - 1].map((n) => climb(model, image, 0, n, options));
    const [more, less] = await Promise.all(regions.map((region) => region.data<"float32">()));
    tf.dispose(regions);
    return more!.reduce((sum, value, i) => sum + value - less![i]!, 0);
  };
  assertEquals(await after(2, 1e6), await after(2, 0));
  assert(await after(3, 1e6) < await after(3, 0));
  model.params.dispose();
  image.dispose();
});

Deno.test("an output that no gradient leaves is refused by name", async () => {
  await tf.setBackend("wasm");
  const model = await modelOf("tiny", {}, { use: "seam", low: "t3", mid: "t4" });
  const image = tensorOf(randomMaps("image", [1, 32, 32, 3]));
  const error = assertThrows(
    () => climb(model, image, 0, 2, { ...OPTIONS, output: "cam_rv" }),
    TypeError,
    "Cannot climb an image by output cam_rv: no gradient of it reaches the image",
  );
  assert(isUserError(error));
  model.params.dispose();
  image.dispose();
});
