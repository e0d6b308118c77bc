import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { agree, type Computed } from "../../bench/mobilenet_step/agree.ts";
import { copyGradients } from "../../bench/mobilenet_step/gradients.ts";
import { parseMobilenetStep } from "../../bench/mobilenet_step/record.ts";
import { readAnimals } from "../../bench/voc_animals/recipe.ts";

Deno.test("the step of MobileNetV2 takes what it measures from the recipe of photographs", async () => {
  const { network, batch, crop, losses } = await readAnimals();
  assertEquals([batch, crop, network.scale, network.classes], [8, 224, 0.5, 6]);
  assertEquals([network.backbone["outputStride"], network.backbone["padding"]], [16, "same"]);
  assertEquals(network.backbone["weights"], undefined);
  assertEquals(losses, ["classification", "min-pooling", "er", "ecr"]);
  const asked = parseMobilenetStep([], { crop, batch });
  assertEquals([asked.crop, asked.batch, asked.micro], [224, 8, 4]);
});

Deno.test("arguments of the step that are not valid are refused by name", () => {
  const parse = (...args: string[]) => () => parseMobilenetStep(args, { crop: 224, batch: 8 });
  assertThrows(parse("--rounds", "many"), RangeError, "--rounds many: expected a whole number");
  assertThrows(parse("--crop", "16"), RangeError, "--crop 16: expected a whole number of at least");
  assertThrows(parse("--batch", "4", "--micro", "5"), RangeError, "the batch has 4 images");
  assertThrows(parse("--width", "2"), RangeError, "with --width: arguments are --crop, --batch");
});

const computed = (name: string, loss: number, ...gradient: number[]): Computed => ({
  ...{ name, losses: [[loss], [loss]] },
  gradients: new Map([["fc8.weight", Float32Array.from(gradient)]]),
});

Deno.test("steps are not reported where losses or gradients differ by more than float32 explains", () => {
  const ours = computed("ours", 0.7, 3, 4);
  const apart = agree([ours, computed("PyTorch", 0.70001, 3, 4.001)]);
  assertEquals(Object.keys(apart), ["PyTorch"]);
  assert(apart["PyTorch"]!.gradients > 1e-4 && apart["PyTorch"]!.losses > 5e-6);
  const refused = (other: Computed, message: string) =>
    assertThrows(() => agree([ours, other]), RangeError, message);
  refused(computed("PyTorch", 0.71, 3, 4), "PyTorch: losses [[0.71],[0.71]]");
  refused(computed("PyTorch", 0.7, 3, 4.1), "the gradient of fc8.weight is 0.02 of its length");
  refused(computed("PyTorch", 0.7, 3, NaN), "Infinity");
  refused({ ...ours, name: "PyTorch", gradients: new Map() }, "Infinity");
});

Deno.test("gradients are copied in PyTorch's order, of dense and depthwise convolutions", async () => {
  await tf.setBackend("cpu");
  const values = Array.from({ length: 12 }, (_, i) => i);
  const dense = tf.tensor4d(values, [1, 2, 3, 2]), depthwise = tf.tensor4d(values, [1, 2, 6, 1]);
  const array = (shape: number[]) => ({ dtype: "F32" as const, shape, data: new Float32Array(12) });
  const found = copyGradients(
    { dense, depthwise },
    new Map([["dense", array([2, 3, 1, 2])], ["depthwise", array([6, 1, 1, 2])]]),
  );
  assertEquals([...found.get("dense")!], [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
  assertEquals([...found.get("depthwise")!], [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
});
