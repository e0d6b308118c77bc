import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { tiny } from "../../../plugins/backbones/tiny.ts";
import { seamHead } from "../../../plugins/heads/seam.ts";
import { ppcHead } from "../../../plugins/ppc/head.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { eachBackend } from "../../backends.ts";
import { TINY_SEAM, trainingPass } from "../heads/setup.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";

const registry = new Registry([tiny, seamHead, ppcHead]);

Deno.test("the ppc head is the authors' network: SEAM's layers and fc_proj", async () => {
  const taps = [
    { name: "conv4", channels: 512, stride: 8 },
    { name: "conv5", channels: 1024, stride: 8 },
    { name: "conv6", channels: 4096, stride: 8 },
  ];
  const head = await registry.create("head", { use: "ppc" }, { taps, classes: 20 });
  assertEquals(head.params.map(({ name, shape }) => [name, shape]), [
    ["fc8.weight", [1, 1, 4096, 21]],
    ["f8_3.weight", [1, 1, 512, 64]],
    ["f8_4.weight", [1, 1, 1024, 128]],
    ["f9.weight", [1, 1, 195, 192]],
    ["fc_proj.weight", [1, 1, 4096, 128]],
  ]);
  assertEquals(head.params.at(-1)!.init, { kind: "xavier-uniform", gain: 1 });
  assert(head.params.every(({ trainable, pretrained }) => trainable && !pretrained));
});

eachBackend("the ppc head gives SEAM's maps, and projects what the classifier reads", async () => {
  const backbone = await registry.create("backbone", { use: "tiny" }, undefined);
  const args = { taps: backbone.taps, classes: 3 };
  const seam = await registry.create("head", { use: "seam", ...TINY_SEAM }, args);
  const ppc = await registry.create("head", { use: "ppc", channels: 5, ...TINY_SEAM }, args);
  const params = ParamStore.create([...backbone.params, ...ppc.params], Rng.of(1));
  const image = tensorOf(randomMaps("image", [2, 16, 20, 3]));
  const before = tf.memory().numTensors;
  // In training, where channels are dropped.
  const context = trainingPass(0);
  const taps = backbone.forward(image, params, context);
  const found = ppc.forward(taps, image, params, context);
  const wanted = seam.forward(taps, image, params, context);
  assertEquals(Object.keys(found), [...ppc.outputs]);
  for (const name of ["cam", "cam_rv"]) {
    assertEquals(await found[name]!.data(), await wanted[name]!.data(), name);
  }
  const { projection, cam_rv, cam_rv_map } = found;
  assertEquals([projection!.shape, cam_rv_map!.shape], [[2, 4, 5, 5], [2, 4, 5, 4]]);
  const resized = tf.image.resizeBilinear(cam_rv_map!, [16, 20], true);
  assertNear(await cam_rv!.data<"float32">(), await resized.data<"float32">(), 1e-5, "cam_rv");
  resized.dispose();
  const slopes = tf.grad((tap) =>
    ppc.forward({ ...taps, z: tap as tf.Tensor4D }, image, params, context)["projection"]!.sum()
  )(taps["z"]!);
  const slopesOfCam = tf.grad((tap) =>
    ppc.forward({ ...taps, z: tap as tf.Tensor4D }, image, params, context)["cam"]!.sum()
  )(taps["z"]!);
  // A channel that is dropped is dropped from both.
  const sums = [slopes, slopesOfCam].map((slope) => tf.tidy(() => slope.abs().sum([1, 2])));
  const [ofProjection, ofCam] = await Promise.all(sums.map((sum) => sum.data()));
  assert(ofCam!.some((sum) => sum === 0) && ofCam!.some((sum) => sum !== 0));
  ofCam!.forEach((sum, i) => assert(sum !== 0 || ofProjection![i] === 0, `channel ${i}`));
  tf.dispose([taps, found, wanted, slopes, slopesOfCam, sums]);
  assertEquals(tf.memory().numTensors, before, "tensors were left behind");
  tf.dispose(image);
  params.dispose();
});
