import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../core/contracts/forward_context.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { checkGradient, uniform } from "../../../plugins/testing/mod.ts";
import { backends } from "../../backends.ts";
import { randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { makeBackbone, startingParams } from "./setup.ts";

/** Every backbone, narrow, with frozen layers where it has such; the side of the image. */
const BACKBONES: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, number]>> = {
  mit: [{ width: 4, depths: [1, 1, 1, 1] }, 32],
  mobilenetv2: [{ width: 0.1 }, 33],
  resnet101: [{ width: 4, trainFrom: "layer4" }, 17],
  resnet38: [{ width: 1, trainFrom: "b3" }, 17],
  resnet50: [{ width: 4, trainFrom: "layer4" }, 17],
  tiny: [{}, 16],
  vgg16: [{ width: 4, trainFrom: "conv5" }, 17],
  vit: [{ channels: 8, depth: 2, heads: 2, patch: 8, imageSize: 16 }, 16],
};

Deno.test("the image's gradient is checked of every backbone", () => {
  assertEquals(Object.keys(BACKBONES), [...new Registry(plugins).names("backbone")].sort());
});

for (const [use, [options, side]] of Object.entries(BACKBONES)) {
  Deno.test(`${use}: in inference the image has the gradient of the last tap, frozen layers or not`, async () => {
    await backends.cpu.prepare();
    const backbone = await makeBackbone(use, options);
    const params = startingParams(backbone);
    const last = backbone.taps.at(-1)!.name;
    const tap = (image: tf.Tensor) =>
      backbone.forward(image as tf.Tensor4D, params, inference)[last]!;
    const image = uniform([1, side, side, 3]);
    await checkGradient(({ image }) => tap(image), { image }, { elements: 4 });
    const pixels = tensorOf(randomMaps("image", [1, side, side, 3]));
    const slope = await tf.grad((x) => tf.sum(tap(x)))(pixels).data();
    assert(slope.filter((x) => x !== 0).length > slope.length / 4, "the gradient is 0");
    params.dispose();
  });
}
