import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { camsApart } from "../../bench/infer/agree.ts";
import { photographs, textures } from "../../bench/infer/images.ts";
import { parseInfer } from "../../bench/infer/record.ts";
import { partsOf } from "../../bench/infer/recipe.ts";
import { readAnimals } from "../../bench/voc_animals/recipe.ts";
import { inTempFolder } from "../command.ts";

Deno.test("arguments of the inference that are not valid are refused by name", () => {
  assertEquals([parseInfer([]).root, parseInfer([]).images], [undefined, 16]);
  assertThrows(() => parseInfer(["--images", "3"]), RangeError, "--images 3: expected a whole");
  assertThrows(() => parseInfer(["--scales", "1"]), RangeError, "with --scales: arguments are");
  assertThrows(() => parseInfer(["photographs"]), RangeError, "with photographs: arguments are");
});

Deno.test("images are shared among parts that are alike, behind a warm part of the first", () => {
  assertEquals(partsOf([0, 1, 2, 3, 4, 5, 6], 3, 2), [[0, 1], [0, 3, 6], [1, 4], [2, 5]]);
});

Deno.test("photographs that are not there, or too few, are refused by root and split", () =>
  inTempFolder(async (folder) => {
    const { dataset } = await readAnimals();
    const none = () => photographs(dataset, folder, "val", 6);
    await assertRejects(none, Deno.errors.NotFound, "there is no folder JPEGImages in");
    const made = await textures(dataset, folder, 1);
    await Deno.writeTextFile(`${folder}/own.txt`, "texture_0000\n");
    const split = `${folder}/own.txt`;
    await assertRejects(
      () => photographs(made.dataset, folder, split, 6),
      RangeError,
      `Cannot infer --images 6: split ${split} of ${folder} has 1`,
    );
    const { images: [found] } = await photographs(made.dataset, folder, split, 1);
    assertEquals(found!.classes, made.images[0]!.classes);
  }));

Deno.test("CAMs that differ, of other classes or other sizes are refused, naming the image", async () => {
  const side = (width: number, classes: readonly number[], value = 0.5) => () => {
    const maps = classes.map((c) => [c, new Float32Array(width * 10).fill(value)] as const);
    return Promise.resolve({ width, height: 10, maps: new Map(maps) });
  };
  const ours = side(10, [1, 2]);
  const { mean } = await camsApart(["cat"], ours, side(10, [1, 2], 0.5005));
  assert(mean > 4e-4 && mean < 6e-4);
  const refused = (other: ReturnType<typeof side>, message: string) =>
    assertRejects(() => camsApart(["cat"], ours, other), RangeError, `CAMs of cat ${message}`);
  await refused(side(10, [1, 2], 0.6), "of class 1 differ by 0.1 in the mean");
  await refused(side(10, [1, 2], NaN), "of class 1 differ by NaN");
  await refused(side(10, [1, 3]), "are 10x10 of classes 1,2 and 10x10 of classes 1,3");
  await refused(side(12, [1, 2]), "are 10x10 of classes 1,2 and 12x10");
});
