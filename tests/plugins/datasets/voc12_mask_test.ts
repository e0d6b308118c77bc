import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { encodeIndexedPng, encodeRgbPng } from "../../../plugins/images/png.ts";
import { type Colour, vocPalette } from "../../../plugins/images/voc_palette.ts";
import { DEFAULT_LIMITS } from "../../../core/recipe/limits.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { readIndices } from "../../../plugins/datasets/voc/mask.ts";
import { voc12 } from "../../../plugins/datasets/voc12.ts";
import { inFolder, writeDevkit } from "./voc12_devkit.ts";

const PALETTE = vocPalette();
const png = (data: number[], palette: readonly Colour[]) =>
  encodeIndexedPng(
    { width: data.length, height: 1, channels: 1, data: Uint8Array.from(data) },
    palette,
  );

Deno.test("a palette that moved VOC's colours to other indices is refused, because the class numbers are lost", () => {
  // What a tool makes of a cat (8) on background with ignored border, when it counts colours anew.
  const moved = [PALETTE[0]!, PALETTE[8]!, PALETTE[255]!];
  const bytes = png([0, 1, 1, 2], moved);
  const error = assertThrows(
    () => readIndices(bytes, "cat.png", true),
    RangeError,
    "Cannot use mask cat.png: its palette has VOC's colour of class 8 at index 1",
  );
  assert(isUserError(error));
  // Data with classes of its own may colour them as it likes.
  assertEquals([...readIndices(bytes, "cat.png").data], [0, 1, 1, 2]);
});

Deno.test("palettes of other colours, parts of VOC's, and colours that no pixel has are taken", () => {
  const greys = Array.from({ length: 256 }, (_, i): Colour => [i, i, i]);
  assertEquals([...readIndices(png([0, 8, 255], greys), "a.png", true).data], [0, 8, 255]);
  const part = PALETTE.slice(0, 21);
  assertEquals([...readIndices(png([0, 20, 3], part), "a.png", true).data], [0, 20, 3]);
  const swapped = PALETTE.with(3, PALETTE[4]!).with(4, PALETTE[3]!);
  assertEquals([...readIndices(png([0, 7], swapped), "a.png", true).data], [0, 7]);
  assertThrows(
    () => readIndices(png([0, 4], swapped), "a.png", true),
    RangeError,
    "class 3 at index 4",
  );
});

Deno.test("a mask of another format is called that", () => {
  for (
    const [format, begin] of [["JPEG", "\xff\xd8\xff\xe0"], ["GIF", "GIF89a"], [
      "BMP",
      "BM",
    ]] as const
  ) {
    const bytes = Uint8Array.from(begin, (char) => char.charCodeAt(0));
    const error = assertThrows(
      () => readIndices(bytes, "a.png"),
      RangeError,
      `Cannot use mask a.png: its content is ${format}, expected PNG`,
    );
    assert(isUserError(error));
  }
});

Deno.test("voc12 decodes no image and no mask of more pixels than the recipe's limit", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, [{ name: "a", classes: [0, 8, 15] }]);
    const open = (pixels: number, labels: string) =>
      new Registry([voc12], { ...DEFAULT_LIMITS, pixels }).create(
        "dataset",
        { use: "voc12", root: devkit, labels },
        { split: "train", base: "/" },
      );
    const labels = `${folder}/labels.json`;
    await Deno.writeTextFile(labels, JSON.stringify({ a: ["cat"] }));
    const enough = await open(24 * 16, labels);
    await enough.read(0, { mask: true });
    const few = await open(24 * 16 - 1, labels);
    const message = (path: string) =>
      `${devkit}/${path}: its header states 24x16, 384 pixels, at most 383`;
    const image = "JPEGImages/a.jpg", mask = "SegmentationClassAug/a.png";
    await assertRejects(() => few.read(0, { mask: false }), RangeError, message(image));
    await assertRejects(() => few.readMask!(0), RangeError, message(mask));
    const fromMasks = await open(24 * 16 - 1, "masks");
    assertThrows(() => fromMasks.label(0), RangeError, message(mask));
    assertEquals((await open(24 * 16, "masks")).label(0).reduce((sum, each) => sum + each), 2);
  });
});

Deno.test("voc12 compares a mask's size with an image whose metadata are long", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, [{ name: "a", classes: [0, 8] }]);
    const path = `${devkit}/JPEGImages/a.jpg`;
    const jpeg = await Deno.readFile(path);
    const profile = Uint8Array.of(0xff, 0xe2, 0xff, 0xff, ...new Uint8Array(0xfffd));
    const head = Array.from({ length: 5 }, () => profile).flatMap((each) => [...each]);
    await Deno.writeFile(path, Uint8Array.from([0xff, 0xd8, ...head, ...jpeg.subarray(2)]));
    const mask = png([0, 8], PALETTE);
    await Deno.writeFile(`${devkit}/SegmentationClassAug/a.png`, mask);
    const dataset = await new Registry([voc12]).create(
      "dataset",
      { use: "voc12", root: devkit, labels: "masks" },
      { split: "train", base: "/" },
    );
    await assertRejects(() => dataset.readMask!(0), RangeError, "it is 2x1, its image");
  });
});

Deno.test("voc12 reads a mask alone, and names one that it cannot use", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, [{ name: "a", classes: [0, 8, 15] }]);
    const open = () =>
      new Registry([voc12]).create(
        "dataset",
        { use: "voc12", root: devkit, labels: "masks" },
        { split: "train", base: "/" },
      );
    const dataset = await open();
    const { mask } = await dataset.read(0, { mask: true });
    assertEquals(await dataset.readMask!(0), mask);
    // The picture is not needed.
    await Deno.writeTextFile(`${devkit}/JPEGImages/a.jpg`, "broken");
    assertEquals(await dataset.readMask!(0), mask);
    const path = `${devkit}/SegmentationClassAug/a.png`;
    const cases: [Uint8Array, string][] = [
      [png([0, 21], PALETTE), `Cannot use mask ${path}: found class 21, expected 0 to 20`],
      [png([0, 1], [PALETTE[0]!, PALETTE[15]!]), "VOC's colour of class 15 at index 1"],
      [
        encodeRgbPng({ width: 1, height: 1, channels: 3, data: new Uint8Array(3) }),
        "found 3 channels",
      ],
    ];
    for (const [bytes, message] of cases) {
      await Deno.writeFile(path, bytes);
      await assertRejects(async () => await (await open()).readMask!(0), RangeError, message);
    }
  });
});
