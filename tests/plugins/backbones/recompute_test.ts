import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { trainingPass } from "../heads/setup.ts";
import { randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { storedInHalf, storingActivations } from "../../../plugins/ops/precision.ts";
import type { Taps } from "../../../core/contracts/backbone.ts";
import type { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import { eachBackend } from "../../backends.ts";
import { halfTest } from "../ops/webgpu/half_setup.ts";
import { makeBackbone, startingParams } from "./setup.ts";

const SMALL_VIT = { patch: 4, channels: 8, depth: 5, heads: 2, imageSize: 8 };

const BACKBONES = [
  { use: "resnet38", options: { width: 2 }, size: 17 },
  {
    use: "resnet38",
    options: { width: 2, trainFrom: "conv1a", norm: { momentum: 0.3, statistics: 2 } },
    size: 17,
  },
  { use: "mobilenetv2", options: { outputStride: 16, width: 0.25 }, size: 17 },
  {
    use: "mobilenetv2",
    options: { outputStride: 16, width: 0.25, norm: { statistics: 2 } },
    size: 17,
  },
  { use: "tiny", options: {}, size: 17 },
  { use: "resnet50", options: { width: 2 }, size: 33 },
  {
    use: "resnet50",
    options: { width: 2, outputStride: 8, trainFrom: "layer2" },
    size: 33,
  },
  { use: "resnet50", options: { width: 2, norm: { statistics: 2 } }, size: 65 },
  { use: "vgg16", options: { width: 2 }, size: 17 },
  { use: "mit", options: { width: 2, dropPath: 0.1 }, size: 65 },
  { use: "vit", options: { ...SMALL_VIT, dropPath: 0.1 }, size: 12 },
  { use: "vit", options: { ...SMALL_VIT, depth: 4, attention: true, tokens: [1] }, size: 12 },
  { use: "mit", options: { width: 2, attention: true }, size: 65 },
  { use: "vgg16", options: { width: 2, batchNorm: true, norm: { statistics: 2 } }, size: 17 },
];

/** Gradients of all that trains, where every tap counts: gradients meet where blocks begin. */
async function tapGradients(
  params: ParamStore,
  recompute: boolean,
  forward: (context: ForwardContext) => Taps,
): Promise<Float32Array[]> {
  const variables = params.trainable().map(({ name }) => params.get(name));
  const context = { ...trainingPass(1), ...recompute && { recompute: "blocks" as const } };
  const { value, grads } = tf.variableGrads(() => {
    const taps = Object.values(forward(context));
    return tf.addN(taps.map((tap) => tf.mean(tf.square(tap)))) as tf.Scalar;
  }, variables);
  const read = await Promise.all(variables.map(({ name }) => grads[name]!.data<"float32">()));
  tf.dispose([value, grads]);
  return read;
}

/** Every buffer, by name. */
async function buffersOf(params: ParamStore): Promise<Map<string, string>> {
  const state = await params.toStateDict();
  return new Map(
    [...state].filter(([name]) => params.spec(name).role === "buffer")
      .map(([name, { data }]) => [name, data.join()]),
  );
}

for (const { use, options, size } of BACKBONES) {
  const norms = "norm" in options ? " with trained batch norm" : "";
  const trainFrom = "trainFrom" in options
    ? ` from ${options.trainFrom}`
    : "attention" in options
    ? " with attention"
    : "";
  eachBackend(
    `${use}${norms}${trainFrom} has the same gradients where its blocks are computed again`,
    async (backend) => {
      const backbone = await makeBackbone(use, options);
      assert(backbone.blocks!.length > 3);
      const params = startingParams(backbone);
      const image = tensorOf(randomMaps("image", [2, size, size, 3]));
      const before = tf.memory().numTensors;
      const gradients = (recompute: boolean) =>
        tapGradients(params, recompute, (context) => backbone.forward(image, params, context));
      const start = await params.toStateDict(), still = await buffersOf(params);
      const plain = await gradients(false), moved = await buffersOf(params);
      const same = [...moved].filter(([name, values]) => still.get(name) === values);
      assertEquals(same.length, norms === "" ? still.size : 0);
      params.load(start, { from: "the start" });
      const again = await gradients(true);
      assertEquals(tf.memory().numTensors, before);
      if (backend !== "webgpu") assertEquals(await buffersOf(params), moved);
      assert(plain.every((gradient) => gradient.some((value) => value !== 0)));
      if (backend === "webgpu") {
        plain.forEach((gradient, k) => {
          const most = gradient.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
          gradient.forEach((value, i) => assertAlmostEquals(again[k]![i]!, value, 1e-5 * most));
        });
      } else {
        assertEquals(again, plain);
      }
      tf.dispose(image);
      params.dispose();
    },
  );
}

for (const norm of ["frozen", { statistics: 2 }]) {
  const title = norm === "frozen" ? norm : "trained";
  halfTest(
    `resnet38 in float16, batch norm ${title}, has the same gradients where its blocks are computed again`,
    async () => {
      const backbone = await makeBackbone("resnet38", { width: 4, norm });
      const params = startingParams(backbone);
      const image = tensorOf(randomMaps("image", [2, 17, 17, 3]));
      const gradients = (recompute: boolean) =>
        tapGradients(params, recompute, (context) => {
          const taps = storingActivations(() => backbone.forward(image, params, context));
          assert(Object.values(taps).every(storedInHalf));
          return taps;
        });
      const [plain, again] = [await gradients(false), await gradients(true)];
      assert(plain.every((gradient) => gradient.some((value) => value !== 0)));
      assertEquals(again, plain);
      tf.dispose(image);
      params.dispose();
    },
  );
}
