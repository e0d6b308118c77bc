import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Taps } from "../../../core/contracts/backbone.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { assertTapsAsStated, countWeights, makeBackbone, startingParams } from "./setup.ts";

Deno.test("mobilenetv2 names its parameters as torchvision does", async () => {
  const { params } = await makeBackbone("mobilenetv2");
  const shapes = new Map(params.map((spec) => [spec.name, torchShape(spec)]));
  // 52 convolutions, each with a batch norm of four vectors.
  assertEquals(params.length, 52 * 5);
  assertEquals(shapes.get("features.0.0.weight"), [32, 3, 3, 3]);
  assertEquals(shapes.get("features.0.1.running_var"), [32]);
  assertEquals(shapes.get("features.1.conv.0.0.weight"), [32, 1, 3, 3]);
  assertEquals(shapes.get("features.1.conv.1.weight"), [16, 32, 1, 1]);
  assertEquals(shapes.get("features.1.conv.2.bias"), [16]);
  assertEquals(shapes.get("features.14.conv.0.0.weight"), [576, 96, 1, 1]);
  assertEquals(shapes.get("features.14.conv.1.0.weight"), [576, 1, 3, 3]);
  assertEquals(shapes.get("features.14.conv.2.weight"), [160, 576, 1, 1]);
  assertEquals(shapes.get("features.14.conv.3.running_mean"), [160]);
  assertEquals(shapes.get("features.17.conv.2.weight"), [320, 960, 1, 1]);
  assertEquals(shapes.get("features.18.0.weight"), [1280, 320, 1, 1]);
  // torchvision's 3,504,872 parameters without the classifier's 1,281,000.
  assertEquals(countWeights(params), 2_223_872);
});

Deno.test("mobilenetv2 of other widths has torchvision's channels", async () => {
  const channels = async (width: number) => {
    const { taps, params } = await makeBackbone("mobilenetv2", { width });
    return [...taps.map(({ channels }) => channels), countWeights(params)];
  };
  // mobilenet_v2(width_mult=…).features of torchvision, its last modules and its number of weights.
  assertEquals(await channels(0.25), [8, 8, 8, 16, 24, 80, 1280, 238_112]);
  assertEquals(await channels(1.4), [24, 32, 48, 88, 136, 448, 1792, 4_315_776]);
});

Deno.test("mobilenetv2 trains convolutions only", async () => {
  const { params } = await makeBackbone("mobilenetv2");
  for (const { name, layout, trainable } of params) {
    assertEquals(trainable, layout !== "vector", name);
  }
});

Deno.test("mobilenetv2 trains from the entry that trainFrom names, and its norms with it", async () => {
  const norm = { momentum: 0.1 };
  const backbone = await makeBackbone("mobilenetv2", { trainFrom: "features.14", norm });
  for (const { name, role, trainable } of backbone.params) {
    assertEquals(trainable, /^features\.1[4-8]\./.test(name) && role !== "buffer", name);
  }
  assertEquals(backbone.blocks, [14, 15, 16, 17, 18].map((i) => `features.${i}`));
  const none = await makeBackbone("mobilenetv2", { trainFrom: "head", norm });
  assert(none.params.every(({ trainable }) => !trainable));
  assertEquals([none.blocks, none.statistics], [[], undefined]);
  await assertRejects(
    () => makeBackbone("mobilenetv2", { trainFrom: "features.19" }),
    TypeError,
    "features.19",
  );
});

Deno.test("mobilenetv2 states what a weights file's card must equal", async () => {
  const options = { padding: "same", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  const { card, input } = await makeBackbone("mobilenetv2", options);
  assertEquals(card, { padding: "same", mean: "0.5,0.5,0.5", std: "0.5,0.5,0.5" });
  assertEquals(input.mean, [0.5, 0.5, 0.5]);
  await assertRejects(
    () => makeBackbone("mobilenetv2", { outputStride: 4 }),
    TypeError,
    "outputStride",
  );
});

for (const padding of ["torch", "same"] as const) {
  for (const outputStride of [8, 16, 32] as const) {
    eachBackend(`mobilenetv2 at stride ${outputStride}, ${padding}: taps as stated`, async () => {
      // At one stride as wide as photographs' networks are.
      const width = outputStride === 16 ? 1 : 0.25;
      const backbone = await makeBackbone("mobilenetv2", { outputStride, padding, width });
      assertEquals(backbone.taps.at(-1)?.stride, outputStride);
      assertTapsAsStated(backbone, [1, 35, 50]);
    });
  }
}

eachBackend("mobilenetv2's dilation keeps what the strided network computes", async () => {
  const image = tensorOf(randomMaps("image", [1, 37, 40, 3]));
  const run = async (outputStride: number): Promise<Taps> => {
    const backbone = await makeBackbone("mobilenetv2", { outputStride, width: 0.25 });
    const params = startingParams(backbone);
    const taps = backbone.forward(image, params, inference);
    params.dispose();
    return taps;
  };
  // With symmetric padding every position of the strided network is one of the dilated one's.
  const strided = await (await run(32))["features.18"]!.data<"float32">();
  for (const [outputStride, step] of [[16, 2], [8, 4]] as const) {
    const fine = (await run(outputStride))["features.18"]!;
    const same = tf.stridedSlice(fine, [0, 0, 0, 0], fine.shape, [1, step, step, 1]);
    assertNear(await same.data<"float32">(), strided, 1e-5, `stride ${outputStride}`);
  }
});
