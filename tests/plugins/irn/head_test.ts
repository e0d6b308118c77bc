import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../core/contracts/forward_context.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { pooled } from "../../../plugins/irn/head/branch.ts";
import { groupNorm, groupNormSpecs } from "../../../plugins/irn/head/group_norm.ts";
import { mapStride } from "../../../plugins/irn/head/map_stride.ts";
import { irnPlugins } from "../../../plugins/irn/mod.ts";
import { checkMicroBatches } from "../../../plugins/testing/check_micro_batches.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Model } from "../../../plugins/wsss/training/model.ts";
import { backends, eachBackend } from "../../backends.ts";
import { makeBackbone } from "../backbones/setup.ts";
import { plane, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";

const BACKBONES = [
  { use: "tiny", options: {}, size: 34, stride: 4 },
  { use: "resnet38", options: { width: 2 }, size: 33, stride: 4 },
  { use: "mobilenetv2", options: { outputStride: 16, width: 0.25 }, size: 33, stride: 4 },
  { use: "resnet50", options: { width: 2, dilate: false }, size: 61, stride: 4 },
  { use: "vgg16", options: { width: 2, outputStride: 16 }, size: 48, stride: 4 },
  { use: "mit", options: { width: 4 }, size: 64, stride: 4 },
  {
    use: "vit",
    options: { patch: 8, channels: 8, depth: 3, heads: 2, imageSize: 32 },
    size: 32,
    stride: 8,
  },
];

for (const { use, options, size, stride } of BACKBONES) {
  Deno.test(`the head irn finds boundaries on the taps of ${use}`, async () => {
    await backends.wasm.prepare();
    const backbone = await makeBackbone(use, options);
    const args = { taps: backbone.taps, classes: 1 };
    const head = await new Registry(irnPlugins).create("head", { use: "irn", width: 16 }, args);
    const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(1));
    const model = new Model(backbone, head, params);
    const image = tensorOf(randomMaps("image", [1, size, size, 3]));
    const { boundary, displacement } = model.forward(image, inference);
    const side = Math.ceil(size / stride);
    assertEquals(mapStride(backbone.taps), stride);
    assertEquals(boundary!.shape, [1, side, side, 1]);
    assertEquals(displacement!.shape, [1, side, side, 2]);
    assert((await boundary!.data()).every(Number.isFinite));
    params.dispose();
    tf.dispose([image, boundary!, displacement!]);
  });
}

eachBackend(
  "each group of channels is normalised over the whole map, sample by sample",
  async () => {
    const x = randomMaps("x", [2, 3, 4, 16], [-2, 5]);
    const params = ParamStore.create(groupNormSpecs("n", 16), Rng.of(0));
    const [input, found] = [tensorOf(x), tf.tidy(() => groupNorm(tensorOf(x), params, "n"))];
    const values = await found.data();
    for (const n of [0, 1]) {
      for (const group of [0, 1]) {
        const channels = Array.from({ length: 8 }, (_, c) => group * 8 + c);
        const all = channels.flatMap((c) => [...plane(x, n, c)]);
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
        for (const c of channels) {
          plane(x, n, c).forEach((value, pixel) =>
            assertAlmostEquals(
              values[(n * 12 + pixel) * 16 + c]!,
              (value - mean) / Math.sqrt(variance + 1e-5),
              1e-5,
            )
          );
        }
      }
    }
    params.dispose();
    tf.dispose([input, found]);
  },
);

Deno.test("a tap of stride 2 is pooled as ResNet's is, so that its first layer counts", async () => {
  await backends.wasm.prepare();
  const x = tensorOf(randomMaps("x", [1, 9, 9, 2]));
  const tap = { name: "conv1", channels: 2, stride: 2 };
  const [found, wanted] = [pooled(x, tap, 4), tf.maxPool(x, 3, 2, 1)];
  assertEquals(await found.data(), await wanted.data());
  const { compared } = await checkMicroBatches({
    recipe: { dataset: { use: "mini", size: 48 } },
    train: {
      backbone: { use: "resnet50", width: 2, dilate: false, trainFrom: "layer4" },
      head: { use: "irn", width: 16 },
      method: "irn",
      losses: ["affinity", "displacement"],
    },
    sizes: [2],
    steps: 1,
  });
  for (const name of ["fc_edge1.0.weight", "fc_dp6.0.weight", "fc_dp7.3.weight"]) {
    assert(compared.includes(`gradient of ${name} in step 1`), compared.join());
  }
  assertEquals(compared.filter((what) => what.includes("layer4")), []);
  tf.dispose([x, found, wanted]);
});
