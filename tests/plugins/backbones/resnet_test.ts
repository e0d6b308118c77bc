import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Taps } from "../../../core/contracts/backbone.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { eachBackend } from "../../backends.ts";
import { trainingPass } from "../heads/setup.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { assertTapsAsStated, countWeights, makeBackbone, startingParams } from "./setup.ts";

Deno.test("resnet50 and resnet101 name their parameters as torchvision does", async () => {
  const { params } = await makeBackbone("resnet50");
  const shapes = new Map(params.map((spec) => [spec.name, torchShape(spec)]));
  // resnet50-0676ba61.pth has 320 tensors: 2 of the classifier, 53 counters of batch norms, and these.
  assertEquals(params.length, 320 - 2 - 53);
  assertEquals(shapes.get("conv1.weight"), [64, 3, 7, 7]);
  assertEquals(shapes.get("bn1.running_var"), [64]);
  assertEquals(shapes.get("layer1.0.conv1.weight"), [64, 64, 1, 1]);
  assertEquals(shapes.get("layer1.0.downsample.0.weight"), [256, 64, 1, 1]);
  assertEquals(shapes.get("layer1.0.downsample.1.bias"), [256]);
  assertEquals(shapes.get("layer2.0.conv1.weight"), [128, 256, 1, 1]);
  assertEquals(shapes.get("layer2.3.bn2.weight"), [128]);
  assertEquals(shapes.get("layer3.0.downsample.0.weight"), [1024, 512, 1, 1]);
  assertEquals(shapes.get("layer3.5.conv2.weight"), [256, 256, 3, 3]);
  assertEquals(shapes.get("layer4.0.downsample.1.running_mean"), [2048]);
  assertEquals(shapes.get("layer4.2.conv3.weight"), [2048, 512, 1, 1]);
  // torchvision's 25,557,032 and 44,549,160 parameters without the classifier's 2,049,000.
  assertEquals(countWeights(params), 23_508_032);
  const deep = await makeBackbone("resnet101");
  assertEquals(countWeights(deep.params), 42_500_160);
  assert(deep.params.some(({ name }) => name === "layer3.22.bn3.running_var"));
});

for (const outputStride of [8, 16, 32] as const) {
  eachBackend(`resnet50 at stride ${outputStride}: taps as stated`, async () => {
    const backbone = await makeBackbone("resnet50", { outputStride, width: 2 });
    assertEquals(backbone.taps.at(-1)?.stride, outputStride);
    assertTapsAsStated(backbone, [1, 35, 50]);
  });
}

eachBackend("resnet50's dilation keeps what the strided network computes", async () => {
  const image = tensorOf(randomMaps("image", [1, 37, 40, 3]));
  const run = async (options: Readonly<Record<string, unknown>>): Promise<Taps> => {
    const backbone = await makeBackbone("resnet50", { width: 2, ...options });
    const params = startingParams(backbone);
    const taps = backbone.forward(image, params, inference);
    params.dispose();
    return taps;
  };
  const strided = await (await run({ outputStride: 32 }))["layer4"]!.data<"float32">();
  const every = (map: tf.Tensor, step: number) =>
    tf.stridedSlice(map, [0, 0, 0, 0], map.shape, [1, step, step, 1]).data<"float32">();
  for (const [outputStride, step] of [[16, 2], [8, 4]] as const) {
    const fine = (await run({ outputStride }))["layer4"]!;
    assertNear(await every(fine, step), strided, 1e-5, `stride ${outputStride}`);
  }
  // IRN's network sees other pixels: nothing dilates.
  const close = await every((await run({ outputStride: 16, dilate: false }))["layer4"]!, 2);
  assert(close.some((value, i) => Math.abs(value - strided[i]!) > 1e-2));
});

Deno.test("resnet50 trains from the layer that trainFrom names, and its norms with it", async () => {
  const backbone = await makeBackbone("resnet50", {
    trainFrom: "layer3",
    norm: { momentum: 0.1 },
  });
  for (const { name, role, trainable } of backbone.params) {
    assertEquals(trainable, /^layer[34]/.test(name) && role !== "buffer", name);
  }
  assertEquals(backbone.blocks?.length, 6 + 3);
  assertEquals(backbone.blocks?.[0], "layer3.0");
  const all = await makeBackbone("resnet50");
  for (const { name, layout, trainable } of all.params) {
    assertEquals(trainable, layout === "conv", name);
  }
  await assertRejects(() => makeBackbone("resnet50", { trainFrom: "layer5" }), TypeError, "layer5");
});

eachBackend(
  "frozen layers of resnet50, vgg16 and mobilenetv2 pass the image's gradient in inference alone",
  async () => {
    const networks = [
      ["resnet50", { width: 2, trainFrom: "layer4" }],
      ["vgg16", { width: 2, trainFrom: "conv5" }],
      ["mobilenetv2", { width: 0.25, trainFrom: "features.17" }],
    ] as const;
    for (const [use, options] of networks) {
      const backbone = await makeBackbone(use, options);
      const params = startingParams(backbone);
      const image = tensorOf(randomMaps("image", [1, 33, 33, 3]));
      const last = backbone.taps.at(-1)!.name;
      const slope = tf.grad((x) =>
        tf.mean(backbone.forward(x as tf.Tensor4D, params, inference)[last]!)
      )(image);
      assert((await slope.data()).some((value) => value !== 0));
      // In training nothing is kept for what does not train.
      const { grads } = tf.variableGrads(() => {
        const taps = backbone.forward(image, params, trainingPass(0));
        return tf.addN(Object.values(taps).map((tap) => tf.mean(tap))) as tf.Scalar;
      }, params.trainable().map(({ name }) => params.get(name)));
      assertEquals(Object.keys(grads).length, params.trainable().length);
      assert((await Promise.all(Object.values(grads).map((grad) => grad.data())))
        .every((values) => values.some((value) => value !== 0)));
      params.dispose();
    }
  },
);
