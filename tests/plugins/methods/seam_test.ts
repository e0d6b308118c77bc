import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../core/contracts/forward_context.ts";
import { Rng } from "../../../core/rng.ts";
import { maxNorm } from "../../../plugins/wsss/cams/max_norm.ts";
import { eachBackend } from "../../backends.ts";
import { TINY_SEAM, trainingPass } from "../heads/setup.ts";
import { assertNear } from "../losses/numeric.ts";
import { batchOf, makeMethod, makeModel } from "./setup.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";

const VIEW = { use: "rescale", scale: 0.5 };

eachBackend(
  "seam compares A(CAM of image) with CAM of A(image), present classes only",
  async () => {
    const model = await makeModel("seam", TINY_SEAM);
    const method = await makeMethod("seam", { view: VIEW });
    assertEquals([method.provides, method.needs], [["pair", "view"], ["cam"]]);
    const batch = batchOf(0, 3);
    const passes: number[] = [];
    const input = method.step(batch, {
      ...FIRST_STEP,
      model,
      rng: Rng.of(0),
      context: (view) => {
        passes.push(view);
        return inference;
      },
    });
    assertEquals(passes, [0, 1]);
    assertEquals(input.targets, batch.targets);
    const [before, after] = input.views;
    assertEquals(before!["cam"]!.shape, [3, 17, 21, 4]);
    assertEquals(after!["cam"]!.shape, [3, 8, 10, 4]);
    const label = tf.concat([tf.ones([3, 1]), batch.targets["label"]!], 1).reshape([3, 1, 1, 4]);
    for (const name of ["cam", "cam_rv"]) {
      const resized = tf.image.resizeBilinear(maxNorm(before![name]!), [8, 10], true).mul(label);
      const first = await input.pair!.first[name]!.data<"float32">();
      assertNear(first, await resized.data<"float32">(), 1e-5, `first ${name}`);
      const second = await input.pair!.second[name]!.data<"float32">();
      const wanted = await maxNorm(after![name]!).mul(label).data<"float32">();
      assertNear(second, wanted, 1e-6, `second ${name}`);
    }
    model.params.dispose();
  },
);

eachBackend("seam works with a head that gives no cam_rv", async () => {
  const model = await makeModel("cam", {});
  const method = await makeMethod("seam", { view: VIEW });
  const { pair } = method.step(batchOf(0, 1), {
    ...FIRST_STEP,
    model,
    rng: Rng.of(0),
    context: () => inference,
  });
  assertEquals([Object.keys(pair!.first), Object.keys(pair!.second)], [["cam"], ["cam"]]);
  model.params.dispose();
});

eachBackend(
  "seam hands A on, and puts other outputs into the pair as they are, moved by A",
  async () => {
    const model = await makeModel("seam", TINY_SEAM);
    const method = await makeMethod("seam", { view: VIEW, outputs: ["cam_rv"] });
    assertEquals(method.needs, ["cam", "cam_rv"]);
    const { pair, view, views } = method.step(batchOf(0, 1), {
      ...FIRST_STEP,
      model,
      rng: Rng.of(0),
      context: () => inference,
    });
    const [before, after] = views.map((outputs) => outputs["cam_rv"]!);
    const moved = await view!.apply(before!).data<"float32">();
    assertNear(await pair!.first["cam_rv"]!.data<"float32">(), moved, 1e-6, "first");
    assertEquals(await pair!.second["cam_rv"]!.data(), await after!.data());
    const missing = await makeMethod("seam", { outputs: ["feature"] });
    assertEquals(missing.needs, ["cam", "feature"]);
    model.params.dispose();
  },
);

eachBackend("seam gives each view its own dropout and each step its own A", async () => {
  const model = await makeModel("cam", {});
  const method = await makeMethod("seam", { view: { use: "rotate", degrees: 30 } });
  const batch = batchOf(0, 2);
  const step = async (seed: number) => {
    const { views } = method.step(batch, {
      ...FIRST_STEP,
      model,
      rng: Rng.of(seed),
      context: trainingPass,
    });
    return await Promise.all(views.map(async ({ cam }) => await cam!.data()));
  };
  const [a, again, other] = [await step(1), await step(1), await step(2)];
  assertEquals(a, again);
  assertEquals(a![0], other![0]);
  assertNotEquals(a![1], other![1]);
  model.params.dispose();
});

eachBackend("seam rescales by 0.3 unless told otherwise", async () => {
  const model = await makeModel("cam", {});
  const method = await makeMethod("seam");
  const { views } = method.step(batchOf(0, 1), {
    ...FIRST_STEP,
    model,
    rng: Rng.of(0),
    context: () => inference,
  });
  assertEquals(views[1]!["cam"]!.shape, [1, 5, 6, 4]);
  model.params.dispose();
});

eachBackend("classification-cam gives the network's outputs as they are", async () => {
  const model = await makeModel("cam", {});
  const method = await makeMethod("classification-cam");
  assertEquals([method.provides, method.needs], [[], []]);
  const batch = batchOf(0, 2);
  const { views, pair } = method.step(batch, {
    ...FIRST_STEP,
    model,
    rng: Rng.of(0),
    context: trainingPass,
  });
  assertEquals([views.length, pair], [1, undefined]);
  const direct = model.forward(batch.image, trainingPass(0));
  assertEquals(await views[0]!["cam"]!.data(), await direct["cam"]!.data());
  model.params.dispose();
});
