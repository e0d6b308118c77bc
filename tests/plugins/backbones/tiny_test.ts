import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../core/contracts/forward_context.ts";
import { eachBackend } from "../../backends.ts";
import { conv2dReference, type Reference } from "../ops/reference.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { makeBackbone, startingParams } from "./setup.ts";

Deno.test("tiny is five biased convolutions of stride 4 in all", async () => {
  const { taps, params } = await makeBackbone("tiny");
  assertEquals(taps, [
    { name: "t3", channels: 32, stride: 4 },
    { name: "t4", channels: 64, stride: 4 },
    { name: "z", channels: 64, stride: 4 },
  ]);
  const layers = ["c1", "c2", "t3", "t4", "z"];
  const names = layers.flatMap((name) => [`${name}.weight`, `${name}.bias`]);
  assertEquals(params.map(({ name }) => name), names);
  assert(params.every(({ trainable }) => trainable));
  const halved = params.filter(({ init }) => init.kind === "kaiming-normal" && init.scale === 0.5);
  assertEquals(halved.map(({ name }) => name), ["t3.weight", "z.weight"]);
});

eachBackend("tiny computes its layers and residuals", async () => {
  const backbone = await makeBackbone("tiny");
  const params = startingParams(backbone);
  params.get("t4.bias").assign(tf.linspace(-1, 1, 64));
  const image = randomMaps("image", [2, 7, 9, 3]);
  const layer = async (x: Reference, name: string, stride: number): Promise<Reference> => {
    const weight = params.get(`${name}.weight`), bias = await params.get(`${name}.bias`).data();
    const filter = { shape: weight.shape, data: Float64Array.from(await weight.data()) };
    const size = [x.shape[1]!, x.shape[2]!].map((side) => Math.ceil(side / stride));
    const options = { stride, dilation: 1, pad: [1, 1], size: size as [number, number] } as const;
    const { y } = conv2dReference(x, filter, undefined, options);
    const data = y.map((value, i) => Math.max(value + bias[i % bias.length]!, 0));
    return { shape: [2, ...size, bias.length], data };
  };
  const plus = (a: Reference, b: Reference): Reference => ({
    shape: a.shape,
    data: a.data.map((value, i) => value + b.data[i]!),
  });
  const c2 = await layer(await layer(image, "c1", 2), "c2", 2);
  const t3 = plus(await layer(c2, "t3", 1), c2);
  const t4 = await layer(t3, "t4", 1);
  const z = plus(await layer(t4, "z", 1), t4);
  const x = tensorOf(image);
  const before = tf.memory().numTensors;
  const taps = backbone.forward(x, params, inference);
  for (const [name, wanted] of Object.entries({ t3, t4, z })) {
    assertEquals(taps[name]!.shape, wanted.shape);
    assertNear(await taps[name]!.data<"float32">(), wanted.data, 2e-6, name);
  }
  tf.dispose(Object.values(taps));
  assertEquals(tf.memory().numTensors, before);
  params.dispose();
});
