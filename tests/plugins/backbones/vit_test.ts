import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Taps } from "../../../core/contracts/backbone.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { vit } from "../../../plugins/backbones/vit.ts";
import { bicubicWeights } from "../../../plugins/backbones/vit/position_embedding.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { layerNormalize } from "../../../plugins/wsss/layers/layer_norm_layer.ts";
import { classifierTap, tapBeside } from "../../../plugins/wsss/layers/pointwise.ts";
import { eachBackend } from "../../backends.ts";
import { trainingPass } from "../heads/setup.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { countWeights, makeBackbone, startingParams } from "./setup.ts";

/** Columns of identities, resized by torch.nn.functional.interpolate of PyTorch 1.13 in float64, mode bicubic. */
const WEIGHTS = {
  plain2to3: [1.086806, -0.08680556, 0.5, 0.5, -0.08680556, 1.086806],
  plain5to2: [0.2265625, 0.8789062, -0.1054688, 0, 0, 0, 0, -0.1054688, 0.8789062, 0.2265625],
  antialias2to3: [1.065789, -0.06578947, 0.5, 0.5, -0.06578947, 1.065789],
  antialias5to2: [
    [0.3470951, 0.4156203, 0.2394126, 0.02915514, -0.03128325],
    [-0.03128325, 0.02915514, 0.2394126, 0.4156203, 0.3470951],
  ].flat(),
};

const SMALL = { patch: 4, channels: 12, depth: 3, heads: 3, imageSize: 16 };

Deno.test("vit names its parameters as timm, DeiT and DINO do", async () => {
  const { params } = await makeBackbone("vit");
  const shapes = new Map(params.map((spec) => [spec.name, torchShape(spec)]));
  // deit_small_patch16_224-cd65a155.pth without head.weight and head.bias.
  assertEquals(params.length, 4 + 12 * 12 + 2);
  assertEquals(shapes.get("cls_token"), [1, 1, 384]);
  assertEquals(shapes.get("pos_embed"), [1, 197, 384]);
  assertEquals(shapes.get("patch_embed.proj.weight"), [384, 3, 16, 16]);
  assertEquals(shapes.get("blocks.0.norm1.weight"), [384]);
  assertEquals(shapes.get("blocks.0.attn.qkv.weight"), [1152, 384]);
  assertEquals(shapes.get("blocks.11.attn.proj.bias"), [384]);
  assertEquals(shapes.get("blocks.11.mlp.fc1.weight"), [1536, 384]);
  assertEquals(shapes.get("blocks.11.mlp.fc2.weight"), [384, 1536]);
  assertEquals(shapes.get("norm.bias"), [384]);
  // DeiT-S has 22,050,664 parameters with its classifier's 385,000, DeiT-B 86,567,656 with 769,000, DeiT-Ti 5,717,416 with 193,000.
  assertEquals(countWeights(params), 21_665_664);
  const base = await makeBackbone("vit", { channels: 768, heads: 12 });
  assertEquals(countWeights(base.params), 85_798_656);
  const small = await makeBackbone("vit", { channels: 192, heads: 3 });
  assertEquals(countWeights(small.params), 5_524_416);
  const dino = await makeBackbone("vit", { patch: 8 });
  const positions = dino.params.find(({ name }) => name === "pos_embed")!;
  assertEquals(positions.shape, [1, 785, 384]);
});

eachBackend("vit's taps are as stated, at any size of whole patches", async () => {
  const backbone = await makeBackbone("vit", { ...SMALL, attention: true, tokens: [0, 2] });
  const params = startingParams(backbone);
  const image = tensorOf(randomMaps("image", [2, 20, 12, 3]));
  const taps = backbone.forward(image, params, inference);
  assertEquals(Object.keys(taps), backbone.taps.map(({ name }) => name));
  const tokens = 1 + 5 * 3;
  for (const { name, kind, channels, stride, prefix } of backbone.taps) {
    const shape = kind === "attention"
      ? [2, channels, tokens, tokens]
      : kind === "tokens"
      ? [2, 1, tokens, channels]
      : [2, 20 / stride, 12 / stride, channels];
    assertEquals(taps[name]!.shape, shape, name);
    assertEquals(prefix, kind && 1, name);
  }
  const sums = await tf.sum(taps["blocks.2.attn"]!, 3).data<"float32">();
  assertNear(sums, sums.map(() => 1), 1e-5, "rows of attention");
  const behind = tf.slice(taps["tokens"]!, [0, 0, 1, 0], [-1, -1, -1, -1]);
  assertEquals(await taps["patches"]!.data(), await behind.data());
  behind.dispose();
  tf.dispose(Object.values(taps));
  assertThrows(
    () => backbone.forward(tf.zeros([1, 20, 14, 3]), params, inference),
    RangeError,
    "20x14 into patches of 4x4",
  );
  params.dispose();
});

eachBackend("vit leaves nothing but its taps, those of inner blocks too", async () => {
  const image = tensorOf(randomMaps("image", [1, 12, 16, 3]));
  for (const inner of [{}, { attention: true }, { attention: [1], tokens: [0, 2] }]) {
    const backbone = await makeBackbone("vit", { ...SMALL, ...inner });
    const params = startingParams(backbone);
    const before = tf.memory().numTensors;
    for (const context of [inference, trainingPass(0)]) {
      const taps = backbone.forward(image, params, context);
      assertEquals(tf.memory().numTensors, before + backbone.taps.length);
      tf.dispose(Object.values(taps));
    }
    params.dispose();
  }
});

eachBackend("vit gives the same taps whether or not attention is one", async () => {
  const image = tensorOf(randomMaps("image", [1, 12, 16, 3]));
  const run = async (attention: boolean) => {
    const backbone = await makeBackbone("vit", { ...SMALL, attention });
    const params = startingParams(backbone);
    return await backbone.forward(image, params, inference)["patches"]!.data<"float32">();
  };
  assertNear(await run(true), await run(false), 1e-5, "patches");
});

Deno.test("a head never takes attention or tokens for a map", async () => {
  const { taps } = await makeBackbone("vit", { ...SMALL, attention: true });
  assertEquals(classifierTap(taps).name, "patches");
  assertThrows(() => tapBeside(taps, "blocks.1.attn", "low"), RangeError, "valid: patches");
  assertThrows(() => classifierTap(taps.slice(0, -1)), RangeError, '"tokens": it is tokens');
});

Deno.test("vit gives the taps of the blocks that are listed, by depth", async () => {
  const taps = async (options: Readonly<Record<string, unknown>>) =>
    (await makeBackbone("vit", { ...SMALL, ...options })).taps.map(({ name }) => name);
  assertEquals(await taps({ attention: [2, 0], tokens: [1, 0] }), [
    ...["blocks.0.attn", "blocks.0", "blocks.1", "blocks.2.attn"],
    ...["tokens", "patches"],
  ]);
  assertEquals(await taps({ attention: [] }), ["tokens", "patches"]);
});

eachBackend("what the last block gives is what vit's last normalisation sees", async () => {
  const backbone = await makeBackbone("vit", { ...SMALL, tokens: [2] });
  const params = startingParams(backbone);
  const image = tensorOf(randomMaps("image", [1, 12, 16, 3]));
  const taps = backbone.forward(image, params, inference);
  const normalised = layerNormalize(taps["blocks.2"]!, params, "norm");
  assertEquals(await normalised.data(), await taps["tokens"]!.data());
  params.dispose();
});

Deno.test("vit refuses sizes that do not divide, blocks that it lacks, and class tokens without classes", async () => {
  const refused = (options: Readonly<Record<string, unknown>>, text: string) =>
    assertRejects(() => makeBackbone("vit", { ...SMALL, ...options }), RangeError, text);
  await refused({ heads: 5 }, "12 channels do not divide into 5 heads");
  await refused({ imageSize: 18 }, "imageSize 18 is no multiple of patch 4");
  await refused({ attention: [0, 3] }, "attention names block 3; its blocks are 0 to 2");
  await refused({ tokens: [1, 1] }, "tokens names block 1 twice");
  await refused({ classTokens: "classes" }, "classes are known");
});

eachBackend("vit has a token for each class where it is told to", async () => {
  const use = { use: "vit", ...SMALL, classTokens: "classes" };
  const backbone = await new Registry([vit]).create("backbone", use, { classes: 5 });
  const params = startingParams(backbone);
  assertEquals(params.get("class_tokens").shape, [1, 5, 12]);
  assertEquals(params.spec("class_tokens").pretrained, false);
  const image = tensorOf(randomMaps("image", [1, 16, 16, 3]));
  const forward = () => backbone.forward(image, params, inference)["tokens"]!;
  assertEquals(forward().shape, [1, 1, 5 + 16, 12]);
  // Where class_tokens is 0 every class has the pretrained token.
  params.get("class_tokens").assign(tf.zeros([1, 5, 12]));
  const [a, ...others] = tf.unstack(tf.slice(forward(), [0, 0, 0, 0], [1, 1, 5, 12]), 2);
  for (const other of others) assertNear(await other.data(), await a!.data(), 1e-6, "token");
  params.dispose();
});

eachBackend(
  "vit's stochastic depth depends on the sample, not on the batch it comes in",
  async () => {
    const backbone = await makeBackbone("vit", { ...SMALL, dropPath: 0.9 });
    const params = startingParams(backbone);
    for (const { name } of params.specs) {
      if (name.endsWith(".weight")) params.get(name).assign(tf.mul(params.get(name), 20));
    }
    const image = tensorOf(randomMaps("image", [2, 16, 16, 3]));
    const patches = (taps: Taps) => taps["patches"]!.data<"float32">();
    const both = await patches(backbone.forward(image, params, trainingPass(0)));
    const second = tf.slice(image, [1, 0, 0, 0], [1, -1, -1, -1]);
    const alone = await patches(backbone.forward(second, params, trainingPass(0, 1)));
    assertNear(alone, both.slice(both.length / 2), 1e-5, "the second sample");
    const whole = await patches(backbone.forward(second, params, inference));
    assert(whole.some((value, i) => Math.abs(value - alone[i]!) > 1e-3), "nothing was dropped");
    params.dispose();
  },
);

Deno.test("position embeddings of another grid are PyTorch's bicubic", () => {
  const near = (got: Float32Array, wanted: readonly number[]) =>
    assertNear(got, wanted, 1e-6, "weights");
  assertEquals([...bicubicWeights(3, 3, true)], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  near(bicubicWeights(2, 3, false), WEIGHTS.plain2to3);
  near(bicubicWeights(5, 2, false), WEIGHTS.plain5to2);
  near(bicubicWeights(2, 3, true), WEIGHTS.antialias2to3);
  near(bicubicWeights(5, 2, true), WEIGHTS.antialias5to2);
});
