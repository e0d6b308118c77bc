import { assertEquals, assertRejects } from "@std/assert";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { eachBackend } from "../../backends.ts";
import { assertTapsAsStated, countWeights, makeBackbone } from "./setup.ts";

/** Numbers of torchvision's convolutions in `features`, of vgg16 and of vgg16_bn. */
const CONVS = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];
const CONVS_BN = [0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40];

Deno.test("vgg16 names its parameters as torchvision does", async () => {
  const { params, blocks } = await makeBackbone("vgg16");
  assertEquals(
    params.map(({ name }) => name),
    CONVS.flatMap((i) => [`features.${i}.weight`, `features.${i}.bias`]),
  );
  const shapes = new Map(params.map((spec) => [spec.name, torchShape(spec)]));
  assertEquals(shapes.get("features.0.weight"), [64, 3, 3, 3]);
  assertEquals(shapes.get("features.17.weight"), [512, 256, 3, 3]);
  assertEquals(shapes.get("features.28.bias"), [512]);
  // torchvision's 138,357,544 parameters without the classifier's 123,642,856.
  assertEquals(countWeights(params), 14_714_688);
  assertEquals(blocks, ["conv1", "conv2", "conv3", "conv4", "conv5"]);
});

Deno.test("vgg16 with batch norm names its parameters as torchvision does", async () => {
  const { params } = await makeBackbone("vgg16", { batchNorm: true });
  const vectors = ["weight", "bias", "running_mean", "running_var"];
  assertEquals(
    params.map(({ name }) => name),
    CONVS_BN.flatMap((i) => [
      `features.${i}.weight`,
      `features.${i}.bias`,
      ...vectors.map((vector) => `features.${i + 1}.${vector}`),
    ]),
  );
  // torchvision's 138,365,992 without the classifier's.
  assertEquals(countWeights(params), 14_723_136);
});

Deno.test("vgg16 refuses batch norms that train where it has none", async () => {
  await assertRejects(
    () => makeBackbone("vgg16", { norm: { momentum: 0.1 } }),
    RangeError,
    "batchNorm: true",
  );
});

for (const [outputStride, batchNorm] of [[8, false], [16, true]] as const) {
  eachBackend(`vgg16 at stride ${outputStride}: taps as stated`, async () => {
    const backbone = await makeBackbone("vgg16", { outputStride, batchNorm, width: 2 });
    assertEquals(
      backbone.taps,
      [["conv3", 8, 4], ["conv4", 16, 8], ["conv5", 16, outputStride]]
        .map(([name, channels, stride]) => ({ name, channels, stride })) as typeof backbone.taps,
    );
    // Windows of 2 leave out an odd last row.
    assertTapsAsStated(backbone, [1, 35, 50], Math.floor);
  });
}
