import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../core/contracts/forward_context.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { eachBackend } from "../../backends.ts";
import { trainingPass } from "../heads/setup.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { countWeights, makeBackbone, startingParams } from "./setup.ts";

Deno.test("mit names its parameters as SegFormer's authors do", async () => {
  const { params, taps } = await makeBackbone("mit");
  const shapes = new Map(params.map((spec) => [spec.name, torchShape(spec)]));
  assertEquals(shapes.get("patch_embed1.proj.weight"), [64, 3, 7, 7]);
  assertEquals(shapes.get("patch_embed3.norm.bias"), [320]);
  assertEquals(shapes.get("block1.0.attn.q.weight"), [64, 64]);
  assertEquals(shapes.get("block1.1.attn.kv.weight"), [128, 64]);
  assertEquals(shapes.get("block1.0.attn.sr.weight"), [64, 64, 8, 8]);
  assertEquals(shapes.get("block3.0.attn.norm.weight"), [320]);
  assertEquals(shapes.get("block4.0.attn.sr.weight"), undefined);
  assertEquals(shapes.get("block2.1.mlp.dwconv.dwconv.weight"), [512, 1, 3, 3]);
  assertEquals(shapes.get("block4.1.mlp.fc2.weight"), [512, 2048]);
  assertEquals(shapes.get("norm4.weight"), [512]);
  assertEquals(taps.map(({ stride }) => stride), [4, 8, 16, 32]);
  // As many as PyTorch counts in the module of tests/fixtures/backbones.py at full width; 13.1 million in the paper's table.
  assertEquals(countWeights(params), 13_151_424);
  const small = await makeBackbone("mit", { width: 32 });
  assertEquals(countWeights(small.params), 3_319_392);
});

for (const outputStride of [16, 32] as const) {
  eachBackend(`mit at stride ${outputStride}: taps as stated, at any size`, async () => {
    const backbone = await makeBackbone("mit", { outputStride, width: 2 });
    const params = startingParams(backbone);
    const image = tensorOf(randomMaps("image", [1, 35, 50, 3]));
    const before = tf.memory().numTensors;
    for (const context of [inference, trainingPass(0)]) {
      const taps = backbone.forward(image, params, context);
      assertEquals(Object.keys(taps), backbone.taps.map(({ name }) => name));
      for (const { name, channels, stride } of backbone.taps) {
        const size = [35, 50].map((side) => Math.ceil(side / stride));
        assertEquals(taps[name]!.shape, [1, ...size, channels], name);
      }
      assertEquals(tf.memory().numTensors, before + backbone.taps.length);
      tf.dispose(Object.values(taps));
    }
    assertEquals(backbone.taps.at(-1)?.stride, outputStride);
    tf.dispose(image);
    params.dispose();
  });
}

eachBackend(
  "mit's attention is that of stage4's blocks, with all taps else as without",
  async () => {
    const image = tensorOf(randomMaps("image", [2, 35, 70, 3]));
    const plain = await makeBackbone("mit", { width: 2 });
    const backbone = await makeBackbone("mit", { width: 2, attention: true });
    assertEquals(
      backbone.taps.filter(({ kind }) => kind === "attention"),
      [0, 1].map((i) => ({
        ...{ name: `block4.${i}.attn`, kind: "attention" as const, prefix: 0 },
        ...{ channels: 8, stride: 32 },
      })),
    );
    const params = startingParams(plain);
    const before = tf.memory().numTensors;
    const taps = backbone.forward(image, params, inference);
    assertEquals(Object.keys(taps), backbone.taps.map(({ name }) => name));
    assertEquals(tf.memory().numTensors, before + backbone.taps.length);
    for (const i of [0, 1]) {
      const attention = taps[`block4.${i}.attn`]!;
      // 2x3 pixels.
      assertEquals(attention.shape, [2, 8, 6, 6]);
      const sums = await tf.sum(attention, 3).data<"float32">();
      assertNear(sums, sums.map(() => 1), 1e-5, "rows of attention");
    }
    const without = plain.forward(image, params, inference);
    for (const { name } of plain.taps) {
      assertNear(await taps[name]!.data(), await without[name]!.data(), 1e-5, name);
    }
    tf.dispose([image, taps, without]);
    params.dispose();
  },
);

eachBackend("mit takes images from 29 pixels a side", async () => {
  const backbone = await makeBackbone("mit", { width: 2 });
  const params = startingParams(backbone);
  const last = backbone.forward(tf.zeros([1, 29, 29, 3]), params, inference)["stage4"]!;
  assert((await last.data<"float32">()).every(Number.isFinite));
  assertThrows(
    () => backbone.forward(tf.zeros([1, 64, 28, 3]), params, inference),
    RangeError,
    "64x28: sides must be at least 29",
  );
  params.dispose();
});
