import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../core/contracts/forward_context.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Rng } from "../../../core/rng.ts";
import type { StateDict } from "../../../core/contracts/state_dict.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, build, type Maps, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { makeHead, trainingPass } from "./setup.ts";

const TAPS = [{ name: "x", channels: 5, stride: 2 }];
const SMALL = { channels: 6, dilation: 2, momentum: 0.25 };

async function small(options: Readonly<Record<string, unknown>> = {}, classes = 2) {
  const head = await makeHead("deeplabv1", { ...SMALL, ...options }, { taps: TAPS, classes });
  return { head, params: ParamStore.create(head.params, Rng.of(4)) };
}

Deno.test("deeplabv1 has the authors' parameters, from scratch, with batch norm's buffers", async () => {
  const taps = [{ name: "conv6", channels: 4096, stride: 8 }];
  const { params, outputs, statistics } = await makeHead("deeplabv1", {}, { taps, classes: 20 });
  assertEquals([outputs, statistics], [["segmentation"], "batch"]);
  assertEquals(
    params.map((spec) => [spec.name, torchShape(spec), spec.role, spec.trainable]),
    [
      ["conv_fov.weight", [512, 4096, 3, 3], "weight", true],
      ["bn_fov.weight", [512], "weight", true],
      ["bn_fov.bias", [512], "bias", true],
      ["bn_fov.running_mean", [512], "buffer", false],
      ["bn_fov.running_var", [512], "buffer", false],
      ["conv_fov2.weight", [512, 512, 1, 1], "weight", true],
      ["bn_fov2.weight", [512], "weight", true],
      ["bn_fov2.bias", [512], "bias", true],
      ["bn_fov2.running_mean", [512], "buffer", false],
      ["bn_fov2.running_var", [512], "buffer", false],
      ["cls_conv.weight", [21, 512, 1, 1], "weight", true],
      ["cls_conv.bias", [21], "bias", true],
    ],
  );
  assert(params.every(({ pretrained }) => !pretrained));
});

Deno.test("deeplabv1's convolutions start with PyTorch's fan_out deviation", async () => {
  await tf.setBackend("cpu");
  const { params } = await small({ channels: 64 });
  const weight = (await params.toStateDict()).get("conv_fov.weight")!.data as Float32Array;
  const deviation = Math.sqrt(
    weight.reduce((sum, value) => sum + value * value, 0) / weight.length,
  );
  // 64 filters of 3x3 come out of a position: 2880 draws, a deviation known to 5 %.
  assert(Math.abs(deviation / Math.sqrt(2 / (64 * 9)) - 1) < 0.07, String(deviation));
  params.dispose();
});

Deno.test("deeplabv1's classifier starts with the deviation that the recipe sets", async () => {
  await tf.setBackend("cpu");
  const classifier = async (options: Record<string, unknown>) => {
    const { params } = await small({ channels: 256, ...options });
    const weight = (await params.toStateDict()).get("cls_conv.weight")!.data as Float32Array;
    params.dispose();
    return Math.sqrt(weight.reduce((sum, value) => sum + value * value, 0) / weight.length);
  };
  const few = await classifier({ classifierStd: 0.01 }), theirs = await classifier({});
  assert(Math.abs(few / 0.01 - 1) < 0.15, String(few));
  assert(theirs > 0.3, String(theirs));
});

/** The head in float64, in training without dropout, up to the resize; and the batch norms' statistics. */
function reference(x: Maps, state: StateDict) {
  const value = (name: string) => state.get(name)!.data as Float32Array;
  const [samples, height, width, inputs] = x.shape;
  const pixels = height * width, { channels, dilation } = SMALL;
  const conv = value("conv_fov.weight");
  const wide = build([samples, height, width, channels], (n, pixel, c) => {
    let sum = 0;
    for (let i = 0; i < 9; i++) {
      const row = Math.floor(pixel / width) + (Math.floor(i / 3) - 1) * dilation;
      const column = pixel % width + (i % 3 - 1) * dilation;
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      for (let k = 0; k < inputs; k++) {
        sum += conv[(c * inputs + k) * 9 + i]! *
          x.data[(n * pixels + row * width + column) * inputs + k]!;
      }
    }
    return sum;
  });
  const statistics: Record<string, { mean: number; variance: number }[]> = {};
  const normalise = (maps: Maps, name: string) => {
    const found = Array.from({ length: maps.shape[3] }, (_, c) => {
      const values = maps.data.filter((_, i) => i % maps.shape[3] === c);
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
      return { mean, biased: squares / values.length, variance: squares / (values.length - 1) };
    });
    statistics[name] = found;
    return build(maps.shape, (n, pixel, c) => {
      const { mean, biased } = found[c]!;
      const v = maps.data[(n * pixels + pixel) * maps.shape[3] + c]!;
      const unit = (v - mean) / Math.sqrt(biased + 1e-5);
      return Math.max(unit * value(`${name}.weight`)[c]! + value(`${name}.bias`)[c]!, 0);
    });
  };
  const point = (maps: Maps, weight: Float32Array, outputs: number, bias?: Float32Array) =>
    build([samples, height, width, outputs], (n, pixel, c) => {
      let sum = bias?.[c] ?? 0;
      for (let k = 0; k < maps.shape[3]; k++) {
        sum += weight[c * maps.shape[3] + k]! *
          maps.data[(n * pixels + pixel) * maps.shape[3] + k]!;
      }
      return sum;
    });
  const first = normalise(wide, "bn_fov");
  const second = normalise(point(first, value("conv_fov2.weight"), channels), "bn_fov2");
  const scores = point(second, value("cls_conv.weight"), 3, value("cls_conv.bias"));
  return { scores, statistics };
}

eachBackend("deeplabv1 in training equals float64, and its buffers follow", async () => {
  const { head, params } = await small({ dropout: 0 });
  const x = randomMaps("x", [3, 5, 7, 5]);
  const state = await params.toStateDict();
  const wanted = reference(x, state);
  const tap = tensorOf(x), image = tf.zeros<tf.Rank.R4>([3, 5, 7, 3]);
  const before = tf.memory().numTensors;
  const { segmentation } = head.forward({ x: tap }, image, params, trainingPass(0));
  assertNear(await segmentation!.data<"float32">(), wanted.scores.data, 1e-5, "scores");
  segmentation!.dispose();
  assertEquals(tf.memory().numTensors, before);
  const after = await params.toStateDict();
  for (const name of ["bn_fov", "bn_fov2"]) {
    const moved = (suffix: string, to: (found: { mean: number; variance: number }) => number) =>
      assertNear(
        after.get(`${name}.${suffix}`)!.data as Float32Array,
        wanted.statistics[name]!.map((found, c) =>
          0.75 * (state.get(`${name}.${suffix}`)!.data as Float32Array)[c]! + 0.25 * to(found)
        ),
        1e-5,
        `${name}.${suffix}`,
      );
    moved("running_mean", ({ mean }) => mean);
    moved("running_var", ({ variance }) => variance);
  }
  tf.dispose([tap, image]);
  params.dispose();
});

eachBackend("deeplabv1 in inference uses the running statistics, and moves nothing", async () => {
  const { head, params } = await small();
  const tap = tensorOf(randomMaps("x", [2, 5, 7, 5]));
  const image = tf.zeros<tf.Rank.R4>([2, 9, 13, 3]);
  const start = await params.toStateDict();
  const whole = head.forward({ x: tap }, image, params, inference)["segmentation"]!;
  assertEquals(whole.shape, [2, 9, 13, 3]);
  assertEquals(await params.toStateDict(), start);
  const alone = head.forward(
    { x: tf.slice(tap, [1, 0, 0, 0], [1, -1, -1, -1]) },
    tf.slice(image, [1, 0, 0, 0], [1, -1, -1, -1]),
    params,
    inference,
  )["segmentation"]!;
  const second = tf.slice(whole, [1, 0, 0, 0], [1, -1, -1, -1]);
  assertNear(await alone.data<"float32">(), await second.data<"float32">(), 1e-6, "one by one");
  const trained = head.forward({ x: tap }, image, params, trainingPass(0))["segmentation"]!;
  assertNotEquals(await trained.data(), await whole.data());
  tf.dispose([tap, image, whole, alone, second, trained]);
  params.dispose();
});
