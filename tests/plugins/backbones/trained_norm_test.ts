import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import type { Backbone } from "../../../core/contracts/backbone.ts";
import type { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { type ForwardContext, inference } from "../../../core/contracts/forward_context.ts";
import { features } from "../../../plugins/backbones/mobilenetv2_units.ts";
import { eachBackend } from "../../backends.ts";
import { error } from "../ops/reference.ts";
import { trainingPass } from "../heads/setup.ts";
import { randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { makeBackbone, startingParams } from "./setup.ts";

const SAMPLES = 2, SIZE = 33, CONVS = 3;

/** Values a channel that each batch norm of MobileNetV2 sees. */
function mobilenetCounts(): Map<string, number> {
  const counts = new Map<string, number>();
  let side = SIZE;
  for (const { units } of features(16)) {
    for (const { norm, stride } of units) {
      side = Math.ceil(side / stride);
      counts.set(norm, SAMPLES * side * side);
    }
  }
  return counts;
}

/** Values a channel that each batch norm of ResNet38 sees: a block's first before its stride. */
function resnetCounts(params: ParamStore): Map<string, number> {
  const sides: Readonly<Record<string, number>> = { b2: 17, b3: 9 };
  const counts = new Map<string, number>();
  for (const { name } of params.specs) {
    const norm = /^(.*bn.*)\.weight$/.exec(name)?.[1];
    if (norm === undefined) continue;
    const block = norm.split(".")[0]!;
    const first = norm.endsWith("2a");
    const before: Readonly<Record<string, number>> = { b2: SIZE, b3: 17, b4: 9 };
    const side = first && before[block] || (sides[block.slice(0, 2)] ?? 5);
    counts.set(norm, SAMPLES * side * side);
  }
  return counts;
}

const NETWORKS = [
  {
    use: "resnet38",
    options: { width: 2, trainFrom: "conv1a", dropout: [0, 0] },
    counts: resnetCounts,
  },
  { use: "mobilenetv2", options: { outputStride: 16, width: 0.25 }, counts: mobilenetCounts },
];

async function deepest(
  backbone: Backbone,
  params: ParamStore,
  image: tf.Tensor4D,
  context: ForwardContext,
): Promise<Float32Array> {
  const taps = backbone.forward(image, params, context);
  const values = await taps[backbone.taps.at(-1)!.name]!.data<"float32">();
  tf.dispose(Object.values(taps));
  return values;
}

for (const { use, options, counts } of NETWORKS) {
  eachBackend(`${use} trains by the batch, and infers by its running statistics`, async () => {
    // The running statistics become the batch's, but for the unbiased variance.
    const norm = { momentum: 1 };
    const backbone = await makeBackbone(use, { ...options, norm });
    const params = startingParams(backbone);
    const image = tensorOf(randomMaps("image", [SAMPLES, SIZE, SIZE, CONVS]));
    const unmoved = await deepest(backbone, params, image, inference);
    const trained = await deepest(backbone, params, image, trainingPass(0));
    assert(error(trained, unmoved) > 0.1, "not those that it started with");
    for (const [name, count] of counts(params)) {
      const variance = params.get(`${name}.running_var`);
      tf.tidy(() => variance.assign(tf.mul(variance, (count - 1) / count)));
    }
    const inferred = await deepest(backbone, params, image, inference);
    const frozen = await makeBackbone(use, options);
    assertEquals(await deepest(frozen, params, image, inference), inferred);
    assert(error(inferred, trained) < 1e-3, `${error(inferred, trained)}`);
    tf.dispose(image);
    params.dispose();
  });
}
