import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Use } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { backends } from "../../backends.ts";
import { planOf } from "./plan.ts";

const registry = new Registry(plugins);
const NET = {
  run: "train",
  backbone: { use: "tiny" },
  head: { use: "deeplabv1", channels: 8, dilation: 3 },
};

/** What the stage `segment` says that it will take. */
async function estimate(options: Record<string, unknown>, earlier = NET) {
  const stage = { run: "segment", from: "net", split: "val[0:10]", refinements: [], ...options };
  const made = await registry.create("stage", stage as unknown as Use<"stage">, undefined);
  const net = { ...TRAINING, ...earlier };
  const dataset = { use: "mini", size: 32 };
  const plan = planOf("masks", { registry, dataset, base: "/", stages: { net } });
  return await made.estimate!(plan);
}

/** Options that a training needs besides its network. */
const TRAINING = {
  split: "train",
  method: { use: "segmentation" },
  losses: [{ use: "cross-entropy" }],
  optimizer: { use: "sgd", lr: 0.1 },
  batch: { size: 4 },
  epochs: 1,
  transforms: [{ use: "normalize" }],
};

Deno.test("segment says what it will take: its network at every scale, once for each image", async () => {
  await backends.wasm.prepare();
  const scales = [1];
  const one = await estimate({ scales, flip: false });
  assertEquals([one.reads, one.images], ["val[0:10]", 10]);
  assert(one.parameters! > 64 * 8 * 9 && one.peakBytes! > 4 * 32 * 32 * 7, JSON.stringify(one));
  assert(one.writeBytes! > 0 && one.writeBytes! < 10 * 32 * 32);
  const flops = ({ work }: Awaited<ReturnType<typeof estimate>>) => work!.convolution!.flops;
  const both = await estimate({ scales, flip: true });
  assertEquals(flops(both), 2 * flops(one));
  const large = await estimate({ scales: [1, 2], flip: false });
  assertEquals(flops(large), 5 * flops(one));
});

Deno.test("segment gives no time where refinements would take an unknown part of it", async () => {
  await backends.wasm.prepare();
  const plain = await estimate({ scales: [1] });
  assert(plain.work!.convolution!.flops > 0);
  const refinements = [{ use: "dense-crf", iterations: 1, workers: 0 }];
  const refined = await estimate({ scales: [1], refinements });
  assertEquals([refined.work, refined.peakBytes], [undefined, plain.peakBytes]);
  assertStringIncludes(refined.notes!.at(-1)!, "--like");
});
