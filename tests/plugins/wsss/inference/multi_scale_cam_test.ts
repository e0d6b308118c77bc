import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Model } from "../../../../plugins/wsss/training/model.ts";
import { ParamStore } from "../../../../plugins/wsss/parameters/param_store.ts";
import { Registry } from "../../../../core/registry/registry.ts";
import { Rng } from "../../../../core/rng.ts";
import { readSafetensors } from "../../../../plugins/formats/safetensors.ts";
import type { Raster } from "../../../../core/data/sample.ts";
import { resnet38 } from "../../../../plugins/backbones/resnet38.ts";
import { tiny } from "../../../../plugins/backbones/tiny.ts";
import { vit } from "../../../../plugins/backbones/vit.ts";
import { camHead } from "../../../../plugins/heads/cam.ts";
import { seamHead } from "../../../../plugins/heads/seam.ts";
import { multiScaleCam, scaledView } from "../../../../plugins/wsss/inference/multi_scale_cam.ts";
import { backends, eachBackend } from "../../../backends.ts";

const registry = new Registry([resnet38, tiny, vit, camHead, seamHead]);

function fixture(name: string): string {
  return new URL(`../../../fixtures/${name}`, import.meta.url).pathname;
}

/** The authors' network at 1/16 of its width, with the golden weights. */
async function goldenModel(file: string): Promise<Model> {
  const backbone = await registry.create("backbone", { use: "resnet38", width: 4 }, undefined);
  const head = await registry.create(
    "head",
    { use: "seam", lowChannels: 4, midChannels: 8, featureChannels: 12 },
    { taps: backbone.taps, classes: 20 },
  );
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(1));
  const { tensors } = await readSafetensors(fixture(file));
  params.load(tensors, { from: file });
  return new Model(backbone, head, params);
}

async function tinyModel(classes: number): Promise<Model> {
  const backbone = await registry.create("backbone", { use: "tiny" }, undefined);
  const head = await registry.create("head", { use: "cam" }, { taps: backbone.taps, classes });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(1));
  return new Model(backbone, head, params);
}

function noise(width: number, height: number): Raster {
  const rng = Rng.of(5);
  const data = Uint8Array.from({ length: width * height * 3 }, () => rng.integer(256));
  return { width, height, channels: 3, data };
}

function mirrored(image: Raster): Raster {
  const { width, channels } = image;
  const data = image.data.map((_, i) => {
    const pixel = Math.floor(i / channels), column = pixel % width;
    return image.data[(pixel + width - 1 - 2 * column) * channels + i % channels]!;
  });
  return { ...image, data };
}

Deno.test("scaledView() rounds sides to multiples where a network asks for them", () => {
  const size = (scale: number, multiple?: number) => {
    const { width, height } = scaledView(noise(50, 37), scale, multiple);
    return [width, height];
  };
  assertEquals(size(1), [50, 37]);
  assertEquals(size(1, 16), [48, 32]);
  assertEquals(size(1.5, 16), [80, 48]);
  assertEquals(size(0.1, 16), [16, 16]);
});

eachBackend("multiScaleCam gives a vision transformer whole patches", async () => {
  const use = { use: "vit", patch: 8, channels: 8, depth: 1, heads: 2, imageSize: 32 };
  const backbone = await registry.create("backbone", use, undefined);
  const head = await registry.create("head", { use: "cam" }, { taps: backbone.taps, classes: 2 });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(1));
  const model = new Model(backbone, head, params);
  const options = { ...once, scales: [0.5, 1], flip: true };
  const before = tf.memory().numTensors;
  const { cams } = await multiScaleCam(model, noise(43, 30), Float32Array.of(1, 0), options);
  assertEquals([cams.width, cams.height, cams.maps.get(0)?.length], [43, 30, 43 * 30]);
  assertEquals(tf.memory().numTensors, before);
  params.dispose();
});

const once = { scales: [1], flip: false, output: "cam", scoresFrom: "cam" };

eachBackend("multiScaleCam equals the SEAM authors' inference on the golden file", async (name) => {
  const backend = await backends[name].prepare();
  const { tensors, metadata } = await readSafetensors(fixture("multiscale_cam.safetensors"));
  const photo = tensors.get("photo")!, wanted = tensors.get("norm_cam")!;
  const [height, width] = photo.shape as [number, number];
  const model = await goldenModel(metadata["weights"]!);
  const held = tf.memory().numTensors;
  const { cams } = await multiScaleCam(
    model,
    { width, height, channels: 3, data: photo.data as Uint8Array },
    tensors.get("label")!.data as Float32Array,
    {
      scales: metadata["scales"]!.split(",").map(Number),
      flip: metadata["flip"] === "1",
      output: "cam_rv",
      scoresFrom: "cam",
      afterScale: () => backend.purge(),
    },
  );
  assertEquals(tf.memory().numTensors, held);
  model.params.dispose();
  assertEquals([cams.height, cams.width], [height, width]);
  const found = [...cams.maps.values()].flatMap((map) => [...map]);
  assertEquals(found.length, wanted.data.length);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - Number(wanted.data[i]))));
  assert(worst <= 1e-3, `max|diff| is ${worst}`);
});

Deno.test("multiScaleCam gives an image and its mirror image mirrored CAMs", async () => {
  await tf.setBackend("wasm");
  const model = await tinyModel(3);
  const image = noise(13, 10);
  const mirror = mirrored(image);
  const options = { ...once, scales: [0.5, 1.5], flip: true };
  const label = Float32Array.of(1, 0, 1);
  const a = await multiScaleCam(model, image, label, options);
  const b = await multiScaleCam(model, mirror, label, options);
  model.params.dispose();
  assertEquals([...a.cams.maps.keys()], [0, 2]);
  for (const [c, map] of a.cams.maps) {
    for (let i = 0; i < map.length; i++) {
      const across = Math.floor(i / 13) * 13 + 12 - i % 13;
      assertAlmostEquals(map[i]!, b.cams.maps.get(c)![across]!, 1e-4);
    }
  }
});

Deno.test("multiScaleCam's scores are the mean over views of the spatial mean of the logits", async () => {
  await tf.setBackend("wasm");
  const model = await tinyModel(3);
  const image = noise(12, 8);
  const label = Float32Array.of(0, 0, 0);
  const full = await multiScaleCam(model, image, label, once);
  const double = await multiScaleCam(model, image, label, { ...once, scales: [2] });
  const both = await multiScaleCam(model, image, label, { ...once, scales: [1, 2] });
  model.params.dispose();
  assertEquals(full.cams.maps.size, 0);
  assertEquals(full.scores.length, 3);
  for (let c = 0; c < 3; c++) {
    assertAlmostEquals(both.scores[c]!, (full.scores[c]! + double.scores[c]!) / 2, 1e-5);
  }
});

Deno.test("multiScaleCam counts mirror images among the views that its scores are the mean of", async () => {
  await tf.setBackend("wasm");
  const model = await tinyModel(3);
  const image = noise(12, 8), mirror = mirrored(image);
  const label = Float32Array.of(0, 0, 0);
  const scales = [0.5, 1, 2];
  const found = await multiScaleCam(model, image, label, { ...once, scales, flip: true });
  const views: Float32Array[] = [];
  for (const scale of scales) {
    for (const view of [image, mirror]) {
      views.push((await multiScaleCam(model, view, label, { ...once, scales: [scale] })).scores);
    }
  }
  model.params.dispose();
  for (let c = 0; c < 3; c++) {
    const mean = views.reduce((sum, scores) => sum + scores[c]!, 0) / views.length;
    assertAlmostEquals(found.scores[c]!, mean, 1e-5);
  }
});

Deno.test("multiScaleCam normalises the sum over the views, not their mean: 1e-5 is taken from it", async () => {
  await tf.setBackend("wasm");
  // Brightness, so small that its mean stays below the 1e-5 that normalising takes off, and its sum does not.
  const bright = 0.8e-5;
  const model = new Model(
    {
      taps: [{ name: "x", channels: 3, stride: 1 }],
      params: [],
      input: { mean: [0, 0, 0], std: [1, 1, 1] },
      forward: (image) => ({ x: image }),
    },
    {
      outputs: ["cam"],
      params: [],
      forward: (_taps, image) => ({
        cam: tf.mul(tf.slice(image, [0, 0, 0, 0], [-1, -1, -1, 2]), bright),
      }),
    },
    ParamStore.create([], Rng.of(0)),
  );
  const data = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => i < 24 ? 0 : 255);
  const image: Raster = { width: 4, height: 4, channels: 3, data };
  const largest = async (scales: readonly number[], flip: boolean) => {
    const { cams } = await multiScaleCam(model, image, Float32Array.of(1), {
      ...once,
      scales,
      flip,
    });
    return Math.max(...cams.maps.get(0)!);
  };
  for (
    const [scales, flip, views] of [[[1], false, 1], [[1], true, 2], [[1, 1], false, 2], [
      [1, 1],
      true,
      4,
    ]] as const
  ) {
    const sum = views * bright;
    const wanted = ((sum < 1e-5 ? 0 : sum) - 1e-5) / (sum + 1e-5);
    assertAlmostEquals(await largest(scales, flip), wanted, 1e-4);
  }
});

Deno.test("multiScaleCam refuses to make CAMs of numbers that are not finite", async () => {
  await tf.setBackend("wasm");
  const model = await tinyModel(2);
  const broken = tf.fill(model.params.get("fc8.weight").shape, NaN);
  model.params.get("fc8.weight").assign(broken);
  broken.dispose();
  const held = tf.memory().numTensors;
  await assertRejects(
    () => multiScaleCam(model, noise(8, 8), Float32Array.of(1, 1), once),
    RangeError,
    "not finite",
  );
  assertEquals(tf.memory().numTensors, held);
  model.params.dispose();
});

Deno.test("multiScaleCam divides by the maximum plus 1e-5 where it is told to, and leaves the least where it is", async () => {
  await tf.setBackend("wasm");
  const model = await tinyModel(1);
  const maps = async (normalize?: "max") => {
    const { cams } = await multiScaleCam(model, noise(16, 16), Float32Array.of(1), {
      ...once,
      ...normalize && { normalize },
    });
    return cams.maps.get(0)!;
  };
  const byMax = await maps("max"), byRange = await maps();
  const { most, least } = { most: Math.max(...byMax), least: Math.min(...byMax) };
  assertAlmostEquals(most, 1, 1e-3);
  assert(most < 1);
  byMax.forEach((value, i) => {
    assert(value >= 0);
    assertAlmostEquals(byRange[i]!, (value - least) / (most - least), 1e-3);
  });
});
