import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { TensorBatch } from "../../../core/contracts/method.ts";
import { isUserError } from "../../../core/errors.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import { Rng } from "../../../core/rng.ts";
import { microGradients } from "../../../core/trainer/gradients.ts";
import { pairLabels, pairTarget } from "../../../plugins/wsss/pairs/pair_labels.ts";
import { backends, eachBackend } from "../../backends.ts";
import { TINY_AFFINITY, trainingPass } from "../heads/setup.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { makeLosses, makeMethod, makeModel } from "../methods/setup.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";

const SIZE = [45, 46] as const;

/** Rows `from` to `to` of the same four samples, with masks of a few classes. */
function batchOf(from: number, to: number): TensorBatch {
  const [height, width] = SIZE;
  const all = tensorOf(randomMaps("batch", [4, height, width, 3]));
  const rng = Rng.of(3, "masks");
  const masks = Int32Array.from(
    { length: 4 * height * width },
    () => [0, 0, 2, 255][rng.integer(4)]!,
  );
  const count = to - from, pixels = height * width;
  return {
    image: tf.slice(all, [from, 0, 0, 0], [count, -1, -1, -1]),
    targets: {
      label: tf.ones([count, 3]),
      mask: tf.tensor3d(
        masks.subarray(from * pixels, to * pixels),
        [count, height, width],
        "int32",
      ),
    },
  };
}

const context = (model: Awaited<ReturnType<typeof makeModel>>) => ({
  ...FIRST_STEP,
  model,
  rng: Rng.of(0),
  context: () => inference,
});

eachBackend("affinity labels pairs by the masks at the middle of the map's pixels", async () => {
  const model = await makeModel("affinity", TINY_AFFINITY);
  const method = await makeMethod("affinity");
  assertEquals([method.provides, method.needs], [[], ["affinity"]]);
  const batch = batchOf(0, 2);
  const { targets, views } = method.step(batch, context(model));
  assertEquals(views.map((view) => view["affinity"]!.shape), [[2, 8, 4, 34]]);
  const mask = await batch.targets["mask"]!.data();
  // Stride 4: a map of 12x12, whose last row and column begin at 44 and stand for 1 and 2 pixels.
  const middles = Array.from({ length: 12 }, (_, i) => 4 * i + 2);
  const labels = [0, 1].flatMap((n) =>
    middles.flatMap((y) =>
      middles.map((x) => mask[(n * 45 + Math.min(y, 44)) * 46 + Math.min(x, 45)]!)
    )
  );
  const wanted = pairLabels(tf.tensor3d(labels, [2, 12, 12], "int32"), 5);
  for (const [kind, tensor] of Object.entries(wanted)) {
    const found = targets[pairTarget(kind as keyof typeof wanted)]!;
    assertEquals(await found.data(), await tensor.data(), kind);
    assert((await tensor.data()).some((mark) => mark === 1));
  }
  assertEquals(targets["label"], batch.targets["label"]);
  model.params.dispose();
});

/** Losses and gradients of four samples in micro-batches of `size`. */
async function accumulate(size: number, mean: "image" | "batch") {
  const model = await makeModel("affinity", TINY_AFFINITY);
  const method = await makeMethod("affinity");
  const losses = await makeLosses(["affinity"], { mean });
  let loss = 0;
  const gradients = new Map<string, Float64Array>();
  for (let from = 0; from < 4; from += size) {
    const batch = batchOf(from, from + size);
    const part = microGradients(model.params, losses, size / 4, () =>
      method.step(batch, {
        ...context(model),
        context: (view) => trainingPass(view, from),
      }));
    loss += (await part.values.data())[0]! * size / 4;
    for (const [name, tensor] of Object.entries(part.gradients)) {
      const values = await tensor.data();
      const sum = gradients.get(name) ?? new Float64Array(values.length);
      gradients.set(name, sum.map((value, i) => value + values[i]!));
    }
  }
  model.params.dispose();
  return { loss, gradients };
}

eachBackend("affinity: 4x1 and 1x4 samples give the same gradients", async () => {
  const [whole, parts] = [await accumulate(4, "image"), await accumulate(1, "image")];
  assertNear([parts.loss], [whole.loss], 1e-6, "loss");
  for (const [name, gradient] of parts.gradients) {
    assertNear(gradient, whole.gradients.get(name)!, 1e-4, name);
  }
});

Deno.test("affinity's mean over the batch depends on the micro-batch, as its option says", async () => {
  await backends.wasm.prepare();
  const [whole, parts] = [await accumulate(4, "batch"), await accumulate(1, "batch")];
  assertNotEquals(Math.fround(whole.loss), Math.fround(parts.loss));
});

Deno.test("affinity refuses batches without masks and images without pairs", async () => {
  await backends.wasm.prepare();
  const model = await makeModel("affinity", TINY_AFFINITY);
  const method = await makeMethod("affinity");
  const refused = (batch: TensorBatch, message: string) => {
    const error = assertThrows(() => method.step(batch, context(model)), Error, message);
    assert(isUserError(error));
  };
  const { image, targets } = batchOf(0, 1);
  refused(
    { image, targets: { label: targets["label"]! } },
    "Cannot learn affinities without masks",
  );
  refused(
    { image: tf.ones([1, 16, 40, 3]), targets: { mask: tf.zeros([1, 16, 40], "int32") } },
    "images of 40x16 pixels: their feature map of 10x4 has no pairs of pixels; it needs 5x5",
  );
  model.params.dispose();
});
