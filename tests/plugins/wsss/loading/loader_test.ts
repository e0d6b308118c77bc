import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { Batch } from "../../../../core/data/batch.ts";
import { isUserError } from "../../../../core/errors.ts";
import { Loader, type LoaderOptions } from "../../../../plugins/wsss/loading/loader.ts";
import { Registry } from "../../../../core/registry/registry.ts";
import { Rng } from "../../../../core/rng.ts";
import { inFolder, writeDevkit } from "../../datasets/voc12_devkit.ts";

const module = (path: string) => new URL(path, import.meta.url).href;

const MINI: LoaderOptions = {
  modules: [module("../../../../plugins/data.ts"), module("./loader_plugins.ts")],
  dataset: { use: "mini" },
  split: "train[0:21]",
  base: "/",
  transforms: [
    { use: "random-resize-long", min: 30, max: 90 },
    { use: "flip" },
    { use: "color-jitter", brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1 },
    { use: "normalize" },
    { use: "random-crop", size: 40 },
  ],
  normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  seed: 3,
  stage: "cam",
  batchSize: 4,
  workers: 0,
};

const TINY: LoaderOptions = { ...MINI, dataset: { use: "tiny" }, transforms: [], batchSize: 2 };

/** A batch with its pixels hashed: comparing them one by one takes seconds. */
async function digest(batches: readonly Batch[]): Promise<unknown> {
  const hash = async (data: Float32Array | Uint8Array | undefined) =>
    data && new Uint8Array(await crypto.subtle.digest("SHA-256", data.slice())).toHex();
  return await Promise.all(batches.map(async (batch) => ({
    ...batch,
    image: await hash(batch.image),
    mask: await hash(batch.mask),
  })));
}

/** Some batches of an epoch, from a loader of its own. */
async function load(
  options: LoaderOptions,
  epoch = 0,
  fromStep = 0,
  count = Infinity,
): Promise<Batch[]> {
  await using loader = await Loader.open(options);
  const batches: Batch[] = [];
  for await (const batch of loader.batches(epoch, fromStep)) {
    batches.push(batch);
    if (batches.length === count) break;
  }
  return batches;
}

Deno.test("Loader gives the same pixels in the same order for any number of Workers", async () => {
  const expected = await load({ ...MINI, mask: true });
  assertEquals(expected.length, 5);
  assertEquals(expected[0]!.shape, [4, 40, 40, 3]);
  assertEquals(expected[0]!.label.length, 4 * expected[0]!.classes);
  assertEquals(expected[0]!.mask!.length, 4 * 40 * 40);
  for (const workers of [1, 2, 3]) {
    const batches = await load({ ...MINI, mask: true, workers });
    assertEquals(await digest(batches), await digest(expected), `${workers} Workers`);
  }
});

Deno.test("Loader enters an epoch anywhere and goes on as if it had never stopped", async () => {
  const whole = await load(MINI, 7);
  for (const workers of [0, 2]) {
    const rest = await load({ ...MINI, workers }, 7, 3);
    assertEquals(await digest(rest), await digest(whole.slice(3)));
    assertEquals(await load({ ...MINI, workers }, 7, 5), []);
  }
});

Deno.test("Loader gives every sample once per epoch at most, drops the rest, shuffles anew", async () => {
  await using loader = await Loader.open(MINI);
  assertEquals([loader.length, loader.stepsPerEpoch], [21, 5]);
  const orders: number[][] = [];
  for (const epoch of [0, 1]) {
    const order: number[] = [];
    for await (const { indices } of loader.batches(epoch)) order.push(...indices);
    assertEquals(new Set(order).size, 20);
    orders.push(order);
  }
  assertNotEquals(orders[0], orders[1]);
  const [first] = await load(MINI, 0, 0, 1);
  assertEquals(first!.indices, orders[0]!.slice(0, 4));
  assertEquals(first!.names[0], `mini_${String(orders[0]![0]).padStart(4, "0")}`);
});

Deno.test("Loader draws by seed, stage and epoch", async () => {
  // A split of one batch: every index is in it, wherever the shuffle puts it.
  const one: LoaderOptions = { ...MINI, split: "train[0:4]" };
  const pixelsOf = async (options: LoaderOptions, epoch = 0) => {
    const [{ indices, image }] = await load(options, epoch) as [Batch];
    const place = indices.indexOf(2) * 40 * 40 * 3;
    return image.slice(place, place + 40 * 40 * 3);
  };
  const pixels = await pixelsOf(one);
  assertEquals(await pixelsOf(one), pixels);
  assertNotEquals(await pixelsOf({ ...one, seed: 4 }), pixels);
  assertNotEquals(await pixelsOf({ ...one, stage: "seam" }), pixels);
  assertNotEquals(await pixelsOf(one, 1), pixels);
});

Deno.test("Loader gives what data set and transforms make, from photographs and masks on disk", () =>
  inFolder(async (folder) => {
    const names = ["a", "b", "c", "d", "e", "f"];
    await writeDevkit(
      folder,
      names.map((name, i) => ({
        name,
        width: 30 + 7 * i,
        height: 50 - 5 * i,
        classes: [0, i + 1],
      })),
    );
    const options: LoaderOptions = {
      ...MINI,
      dataset: { use: "voc12", root: folder, labels: "masks" },
      split: "train",
      batchSize: 3,
      workers: 2,
      mask: true,
    };
    const batches = await load(options, 2);
    assertEquals(batches.flatMap((batch) => [...batch.names]).toSorted(), names);

    const registry = await Registry.fromModules(options.modules);
    const dataset = await registry.create("dataset", options.dataset, {
      split: "train",
      base: "/",
    });
    for (const { indices, image, mask, label } of batches) {
      for (const [row, index] of indices.entries()) {
        let sample = await dataset.read(index, { mask: true });
        const rng = Rng.of(options.seed, "augment", options.stage, 2, index);
        for (const [i, use] of options.transforms.entries()) {
          const transform = await registry.create("transform", use, options);
          sample = transform.apply(sample, rng.child(i));
        }
        const pixels = 40 * 40;
        assertEquals(image.slice(row * pixels * 3, (row + 1) * pixels * 3), sample.image.data);
        assertEquals(mask!.slice(row * pixels, (row + 1) * pixels), sample.mask!.data);
        assertEquals(label.slice(row * 20, (row + 1) * 20), dataset.label(index));
      }
    }
  }));

Deno.test("Loader reports a truncated photograph by name, with its own batch, and closes", () =>
  inFolder(async (folder) => {
    const names = Array.from({ length: 12 }, (_, i) => `photo${i}`);
    const devkit = await writeDevkit(folder, names.map((name) => ({ name, classes: [1] })));
    const options: LoaderOptions = {
      ...MINI,
      dataset: { use: "voc12", root: folder, labels: "masks" },
      split: "train",
      batchSize: 3,
    };
    const broken = (await load(options))[2]!.names[1]!;
    const path = `${devkit}/JPEGImages/${broken}.jpg`;
    const whole = await Deno.readFile(path);
    await Deno.writeFile(path, whole.subarray(0, whole.length - 20));
    for (const workers of [0, 1, 3]) {
      const loader = await Loader.open({ ...options, workers });
      let steps = 0;
      const error = await assertRejects(
        async () => {
          for await (const _ of loader.batches(0)) steps++;
        },
        SyntaxError,
        `Cannot decode ${path} as JPEG: Premature end of JPEG file`,
      );
      assert(isUserError(error));
      assertEquals(steps, 2);
      await assertRejects(() => loader.batches(0).next(), Error, "the loader is closed");
    }
  }));

Deno.test("Loader keeps class, stack and kind of an error that a Worker throws", async () => {
  for (const workers of [0, 1]) {
    const thrown = async (fault: string) => {
      const error = await assertRejects(() =>
        load({ ...TINY, workers, dataset: { use: "tiny", fault, at: 4 } })
      );
      assertEquals(isUserError(error), false);
      assertStringIncludes(error.stack!, "loader_plugins.ts");
      return error;
    };
    const range = await thrown("range");
    assertInstanceOf(range, RangeError);
    assertEquals(range.message, "Cannot read 4");
    const strange = await thrown("strange");
    assertEquals([strange.name, strange.message], ["StrangeError", "Strange things happen"]);
  }
});

Deno.test("Loader reports a Worker that dies of an error nobody awaits", async () => {
  const options = { ...TINY, workers: 2, dataset: { use: "tiny", fault: "later", at: 4 } };
  await assertRejects(() => load(options), Error, "Worker failed: Uncaught Error: Nobody awaits");
});

Deno.test("Loader reports a Worker that cannot open, and leaves none alive", async () => {
  const options = { ...TINY, workers: 2, dataset: { use: "tiny", fault: "open" } };
  await assertRejects(() => Loader.open(options), TypeError, "Cannot open in a Worker");
});

Deno.test("Loader makes a bounded number of samples ahead", () =>
  inFolder(async (folder) => {
    const read = () => [...Deno.readDirSync(folder)].length;
    const options: LoaderOptions = {
      ...TINY,
      dataset: { use: "tiny", length: 100, trace: folder },
      batchSize: 3,
      workers: 2,
      prefetch: 4,
    };
    await using loader = await Loader.open(options);
    const batches = loader.batches(0);
    await batches.next();
    while (read() < 3 * (1 + 4)) await new Promise((done) => setTimeout(done, 5));
    // Nothing tells that nothing more will come; a Worker makes such a sample in well under a millisecond.
    await new Promise((done) => setTimeout(done, 100));
    assertEquals(read(), 3 * (1 + 4));
  }));

Deno.test("Loader closed in the middle of an epoch leaves no Worker and lets nobody wait", async () => {
  const loader = await Loader.open({ ...MINI, workers: 2, prefetch: 0 });
  const batches = loader.batches(0);
  await batches.next();
  const waiting = assertRejects(() => batches.next(), Error, "closed");
  await loader.close();
  await waiting;
  await loader.close();
  await assertRejects(() => loader.batches(1).next(), Error, "the loader is closed");
});

Deno.test("Loader does not take away pixels that a data set keeps", async () => {
  await using loader = await Loader.open({ ...TINY, workers: 1 });
  for (const epoch of [0, 1, 2]) {
    for await (const { indices, image } of loader.batches(epoch)) {
      assertEquals([...image], indices.flatMap((index) => Array<number>(12).fill(index)));
    }
  }
});

Deno.test("Loader says which transform is missing, or which plugin is at fault", async () => {
  const cases = [
    [
      "uint8",
      TypeError,
      "pixels are still uint8 after the transforms; add the transform normalize",
    ],
    ["sizes", RangeError, "sample 4 is 3x3"],
    ["label", RangeError, "its label has 3 entries for 2 classes"],
  ] as const;
  for (const workers of [0, 1]) {
    for (const [fault, type, message] of cases) {
      const dataset = { use: "tiny", fault, at: 4 };
      const error = await assertRejects(() => load({ ...TINY, workers, dataset }), type, message);
      assertEquals(isUserError(error), fault !== "label");
    }
    const lost = {
      ...MINI,
      workers,
      mask: true,
      transforms: [...MINI.transforms, { use: "lose-mask" }],
    };
    await assertRejects(() => load(lost), TypeError, "the transforms lost its mask");
  }
});

Deno.test("Loader refuses a split with fewer samples than a batch", async () => {
  const error = await assertRejects(
    () => Loader.open({ ...MINI, split: "train[0:3]", workers: 2 }),
    RangeError,
    "Cannot make batches of 4: split train[0:3] has 3 images",
  );
  assert(isUserError(error));
  await assertRejects(() => Loader.open({ ...MINI, workers: 0.5 }), RangeError, "workers 0.5");
  await assertRejects(() => Loader.open({ ...MINI, batchSize: 0 }), RangeError, "batchSize 0");
});
