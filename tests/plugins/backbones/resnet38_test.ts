import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Taps } from "../../../core/contracts/backbone.ts";
import { conv2d } from "../../../plugins/ops/conv/conv2d.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import { readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { backends, eachBackend, presentBackends } from "../../backends.ts";
import { withBindingLimit } from "../../binding_limit.ts";
import { error } from "../ops/reference.ts";
import { trainingPass } from "../heads/setup.ts";
import { randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { assertTapsAsStated, makeBackbone, startingParams } from "./setup.ts";

const WEIGHTS = new URL("../../fixtures/seam_weights.safetensors", import.meta.url);
const HEAD = ["fc8.weight", "f8_3.weight", "f8_4.weight", "f9.weight"];

Deno.test("resnet38 has exactly the authors' parameters", async () => {
  const { tensors } = await readSafetensors(WEIGHTS.pathname);
  const { params } = await makeBackbone("resnet38", { width: 4 });
  const ours = params.map((spec) => [spec.name, torchShape(spec)] as const);
  const theirs = [...tensors].filter(([name]) => !HEAD.includes(name))
    .map(([name, { shape }]) => [name, [...shape]] as const);
  assertEquals(new Map(ours), new Map(theirs));
});

Deno.test("resnet38 freezes batch norm, conv1a and the b2 blocks", async () => {
  const { params } = await makeBackbone("resnet38");
  for (const { name, role, trainable, pretrained } of params) {
    assert(pretrained);
    assertEquals(trainable, name.includes(".conv_branch") && !name.startsWith("b2"), name);
    assertEquals(role === "buffer", name.includes("running_"), name);
  }
});

Deno.test("resnet38 trains the b2 blocks where it is told to", async () => {
  const { params } = await makeBackbone("resnet38", { trainFrom: "b2" });
  for (const { name, trainable } of params) {
    assertEquals(trainable, name.includes(".conv_branch"), name);
  }
});

Deno.test("resnet38 trains all of its parameters where it is told to", async () => {
  const norm = { statistics: 5 };
  const whole = await makeBackbone("resnet38", { trainFrom: "conv1a", norm });
  assertEquals(whole.statistics, 5);
  for (const { name, role, trainable, pretrained } of whole.params) {
    assert(pretrained);
    assertEquals(trainable, role !== "buffer", name);
  }
  // What does not train has no batch norm that does.
  const part = await makeBackbone("resnet38", { norm });
  for (const { name, role, trainable } of part.params) {
    const frozen = role === "buffer" || name.startsWith("conv1a") || name.startsWith("b2");
    assertEquals(trainable, !frozen, name);
  }
  assertEquals((await makeBackbone("resnet38")).statistics, undefined);
  await assertRejects(() => makeBackbone("resnet38", { norm: "trained" }), TypeError, "norm");
});

Deno.test("resnet38 is as wide as it is told", async () => {
  const widths = async (width: number) =>
    (await makeBackbone("resnet38", { width })).taps.map(({ channels }) => channels);
  assertEquals(await widths(64), [256, 512, 1024, 4096]);
  assertEquals(await widths(3), [12, 24, 48, 192]);
  await assertRejects(() => makeBackbone("resnet38", { width: 0 }), TypeError, "width");
});

eachBackend("resnet38's taps have the strides they state, at any size", async () => {
  const backbone = await makeBackbone("resnet38", { width: 1 });
  assertTapsAsStated(backbone, [2, 19, 34]);
});

eachBackend("resnet38's dropout depends on the sample, not on the batch it comes in", async () => {
  const backbone = await makeBackbone("resnet38", { width: 1 });
  const params = startingParams(backbone);
  const image = tensorOf(randomMaps("image", [2, 16, 16, 3]));
  const second = tf.slice(image, [1, 0, 0, 0]);
  const deep = async (x: tf.Tensor4D, first: number) =>
    await backbone.forward(x, params, trainingPass(0, first))["conv6"]!.data<"float32">();
  const both = await deep(image, 0), alone = await deep(second, 1), other = await deep(second, 2);
  const row = both.subarray(both.length / 2);
  const distance = (a: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - row[i]!)));
  assert(distance(alone) < 1e-4);
  assert(distance(other) > 1e-2);
  tf.dispose([image, second]);
  params.dispose();
});

eachBackend("resnet38 passes a gradient through its frozen blocks in inference alone", async () => {
  const backbone = await makeBackbone("resnet38", { width: 2 });
  const params = startingParams(backbone);
  const image = tf.variable(tensorOf(randomMaps("image", [1, 32, 32, 3])));
  const b3 = params.get("b3.conv_branch2a.weight");
  const before = tf.memory().numTensors;
  for (const context of [trainingPass(0), inference]) {
    const { grads, value } = tf.variableGrads(() => {
      const taps = backbone.forward(image as tf.Tensor as tf.Tensor4D, params, context);
      return taps["conv6"]!.sum() as tf.Scalar;
    }, [image, b3]);
    const wanted = context.training ? [b3.name] : [image.name, b3.name];
    assertEquals(Object.keys(grads).sort(), wanted.sort());
    assert((await grads[b3.name]!.data()).some((slope) => slope !== 0));
    if (!context.training) assert((await grads[image.name]!.data()).some((slope) => slope !== 0));
    tf.dispose([grads, value]);
    assertEquals(tf.memory().numTensors, before);
  }
  tf.dispose(image);
  params.dispose();
});

Deno.test({
  name: "resnet38 computes the same where its widest arrays cannot be bound",
  ignore: !presentBackends.includes("webgpu"),
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const info = await backends.webgpu.prepare();
    const backbone = await makeBackbone("resnet38", { width: 4 });
    const params = startingParams(backbone);
    const image = tensorOf(randomMaps("image", [1, 125, 157, 3]));
    const classifier = tensorOf(randomMaps("fc8", [1, 1, 256, 21]));
    // As at full width and twice the size of a photograph on 128 MiB: conv1a and conv6 are above the limit, all weights are below.
    const limit = 300_000;
    const before = tf.memory().numTensors, dataIds = tf.backend().numDataIds();
    const run = (): Taps =>
      tf.tidy(() => {
        const taps = backbone.forward(image, params, inference);
        return { ...taps, cam: conv2d(taps["conv6"]!, classifier, { pad: 0 }) };
      });
    const whole = run(), split = withBindingLimit(limit, run);
    assert(4 * whole["conv6"]!.size > limit && 4 * 125 * 157 * 4 > limit);
    for (const [name, wanted] of Object.entries(whole)) {
      assert(error(await split[name]!.data(), await wanted.data()) < 1e-5, name);
    }
    tf.dispose([whole, split]);
    assertEquals([tf.memory().numTensors, tf.backend().numDataIds()], [before, dataIds]);
    tf.dispose([image, classifier]);
    params.dispose();
    await info.check();
  },
});
