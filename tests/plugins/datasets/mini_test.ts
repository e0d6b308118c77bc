import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { isUserError } from "../../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../../core/recipe/limits.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { mini } from "../../../plugins/datasets/mini.ts";

const nothing: PluginFactory = {
  limits: DEFAULT_LIMITS,
  create: () => Promise.reject(new Error("mini made another plugin")),
};

async function open(
  split: string,
  options: { size?: number; simulatedSaliency?: { grow?: number } } = {},
): Promise<Dataset> {
  return await mini.create(mini.options.parse(options), { split, base: "/" }, nothing);
}

async function digest(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

Deno.test("mini has 600 pictures to train on and 200 others", async () => {
  const train = await open("train"), val = await open("val");
  assertEquals([train.length, val.length], [600, 200]);
  assertEquals(train.classes.length, 6);
  const names = [train, val].flatMap((set) =>
    Array.from({ length: set.length }, (_, i) => set.name(i))
  );
  assertEquals(new Set(names).size, 800);
  await train.check({ mask: true });
});

Deno.test("mini's splits can be cut as in Python", async () => {
  const val = await open("val"), part = await open("val[150:]");
  assertEquals(part.length, 50);
  assertEquals(part.name(0), val.name(150));
  assertEquals(await part.read(3, { mask: true }), await val.read(153, { mask: true }));
  assertEquals([(await open("train[0:200]")).length, (await open("train[:1]")).length], [200, 1]);
});

Deno.test("mini says which splits there are", async () => {
  for (
    const split of ["test", "train[5:5]", "val[:201]", "val[200:]", "train[1]", "train[-1:]", ""]
  ) {
    const error = await assertRejects(() => open(split), RangeError, "Cannot open split");
    assert(isUserError(error));
  }
  await assertRejects(() => open("constructor"), RangeError, "train (600) and val (200)");
});

Deno.test("mini's pictures are the ones that results were measured on", async () => {
  const train = await open("train"), val = await open("val");
  const [first, last] = await Promise.all([
    train.read(0, { mask: true }),
    val.read(199, { mask: true }),
  ]);
  assertEquals(
    await digest(first.image.data as Uint8Array),
    "0acb69024fc309cb0bc8da615c3834bb55b5699f924c03112ef98b832c897f9a",
  );
  assertEquals(
    await digest(first.mask!.data as Uint8Array),
    "2de6ef949b4fda3f2cc2a941641d02a05eb25173cdebca37299901b239fc9b01",
  );
  assertEquals(
    await digest(last.image.data as Uint8Array),
    "d2be8f5900444083080435df4c77bb64f9620d93bad689473dfecb0d01900d84",
  );
});

Deno.test("mini gives a picture the same pixels whenever it is read", async () => {
  const one = await open("train"), other = await open("train");
  const late = await one.read(7, { mask: true });
  await other.read(3, { mask: false });
  assertEquals(await other.read(7, { mask: true }), late);
  assertEquals(late.label, one.label(7));
  assert(!("mask" in await one.read(7, { mask: false })));
  one.label(7)[0] = 9;
  assertNotEquals(one.label(7)[0], 9);
});

Deno.test("mini's simulated saliency is the ground truth's foreground, grown, where it is asked for", async () => {
  const plain = await open("train"), salient = await open("train", { simulatedSaliency: {} });
  assertEquals([plain.maps, salient.maps], [[], ["saliency"]]);
  const { mask, maps } = await salient.read(0, { mask: true, maps: true });
  const { width, channels, data } = maps!["saliency"]!;
  const near = (i: number) => {
    const rows = [-2, -1, 0, 1, 2], x = i % width, y = (i - x) / width;
    return rows.some((dy) =>
      rows.some((dx) => x + dx >= 0 && x + dx < width && mask!.data[(y + dy) * width + x + dx]! > 0)
    );
  };
  assertEquals([channels, [...data]], [1, Array.from(data, (_, i) => near(i) ? 255 : 0)]);
  assert(!("maps" in await salient.read(0, { mask: true })));
  assert(!("maps" in await plain.read(0, { mask: true, maps: true })));
  const other = await open("train", { simulatedSaliency: { grow: 1 } });
  const prints = [plain, salient, other].map((set) => set.fingerprint());
  assertEquals(new Set(await Promise.all(prints)).size, 3);
});

Deno.test("mini has the statistics of its description", async () => {
  const train = await open("train");
  const labelled = new Array(6).fill(0), pixels = new Array(7).fill(0);
  let pairs = 0;
  for (let i = 0; i < train.length; i++) {
    const { image, mask, label } = await train.read(i, { mask: true });
    assertEquals([image.data.length, mask!.data.length], [64 * 64 * 3, 64 * 64]);
    const count = label.reduce((sum, value) => sum + value, 0);
    assert(count === 1 || count === 2);
    if (count === 2) pairs++;
    const seen = new Array(7).fill(0);
    for (const value of mask!.data) seen[value]++;
    label.forEach((value, c) => {
      assertEquals(value, seen[c + 1] > 30 ? 1 : 0);
      labelled[c] += value;
    });
    seen.forEach((value, c) => pixels[c] += value);
  }
  assert(pairs / 600 > 0.35 && pairs / 600 < 0.45, `${pairs} pictures with two animals`);
  for (const count of labelled) assert(count > 115 && count < 165, `labelled ${labelled}`);
  const shares = pixels.map((value) => value / (600 * 64 * 64));
  assert(shares[0]! > 0.74 && shares[0]! < 0.8, `background ${shares[0]}`);
  for (const share of shares.slice(1)) assert(share > 0.03 && share < 0.045, `classes ${shares}`);
});

Deno.test("mini's pairs of classes differ in the head alone", async () => {
  const train = await open("train");
  // Mean colour of all pixels of a class, and of its near-white and near-black ones.
  const sums = Array.from({ length: 6 }, () => ({ red: 0, green: 0, blue: 0, light: 0, dark: 0 }));
  for (let i = 0; i < 300; i++) {
    const { image, mask } = await train.read(i, { mask: true });
    mask!.data.forEach((kind, p) => {
      if (kind === 0) return;
      const [red, green, blue] = image.data.subarray(p * 3, p * 3 + 3);
      const sum = sums[kind - 1]!;
      if (Math.min(red!, green!, blue!) > 200) sum.light++;
      else if (Math.max(red!, green!, blue!) < 30) sum.dark++;
      else {
        sum.red += red!;
        sum.green += green!;
        sum.blue += blue!;
      }
    });
  }
  for (const [c, sum] of sums.entries()) {
    const channels = [sum.red, sum.green, sum.blue];
    assertEquals(channels.indexOf(Math.max(...channels)), Math.floor(c / 2), train.classes[c]);
    if (c % 2 === 0) assert(sum.light > 1000 && sum.dark === 0, JSON.stringify(sum));
    else assert(sum.dark > 1000 && sum.light === 0, JSON.stringify(sum));
  }
});

Deno.test("mini paints the same scenes at other sizes", async () => {
  const small = await open("train", { size: 33 }), large = await open("train", { size: 99 });
  for (let i = 0; i < 20; i++) {
    const { image, mask } = await small.read(i, { mask: true });
    assertEquals([image.width, image.height, mask!.width], [33, 33, 33]);
    assertEquals(small.label(i), large.label(i));
  }
});

Deno.test("mini's fingerprint tells splits and sizes apart", async () => {
  const prints = [];
  for (const split of ["train", "val", "train[0:200]"]) {
    prints.push(await (await open(split)).fingerprint());
  }
  prints.push(await (await open("train", { size: 32 })).fingerprint());
  assertEquals(new Set(prints).size, 4);
  assertEquals(await (await open("train")).fingerprint(), prints[0]);
  for (const print of prints) assertMatch(print, /^[0-9a-f]{64}$/);
});

Deno.test("mini refuses samples and sizes that it has not", async () => {
  const part = await open("val[0:3]");
  await assertRejects(async () => await part.read(3, { mask: false }), RangeError, "there are 3");
  await assertRejects(async () => await part.read(-1, { mask: false }), RangeError);
  assert(!mini.options.safeParse({ size: 8 }).success);
  assert(!mini.options.safeParse({ sizes: 64 }).success);
});
