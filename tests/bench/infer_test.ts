import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Registry } from "../../core/registry/registry.ts";
import { camsApart } from "../../bench/infer/agree.ts";
import { photographs, textures } from "../../bench/infer/images.ts";
import { parseInfer } from "../../bench/infer/record.ts";
import { partsOf, writeInference } from "../../bench/infer/recipe.ts";
import { ownSides, peerSides } from "../../bench/infer/sides.ts";
import { Load } from "../../bench/measure/load.ts";
import { readAnimals } from "../../bench/voc_animals/recipe.ts";
import { ops, plugins } from "../../plugins/mod.ts";
import { inTempFolder } from "../command.ts";
import { pythonTest } from "../python.ts";

const idle = new Load(true, { cores: 2, wall: () => 0, machine: () => 0, own: () => 0 });

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

pythonTest(
  "stage infer in a process of its own and PyTorch give the same CAMs, part by part",
  ["torch", "numpy", "PIL"],
  () =>
    inTempFolder(async (folder) => {
      await (await new Registry(plugins).create("backend", { use: "wasm" }, undefined))
        .prepare(ops);
      const animals = await readAnimals();
      const small = { ...animals.inference, longSide: 160, scales: [0.5, 1] };
      const images = await textures(animals.dataset, `${folder}/textures`, 2);
      const parts = partsOf(images.images, 2, 1);
      const files = await writeInference(
        folder,
        { ...animals, inference: small },
        images,
        parts,
      );
      await using stack = new AsyncDisposableStack();
      const pythons = [["/usr/bin/python3"]] as const;
      const options = { files, folder, cores: 1, pythons, load: idle, stack };
      const [[ours], [theirs]] = [ownSides(options), await peerSides(options)];
      for (const { service } of [ours!, theirs!]) {
        assert((await service.work(() => ["part"]).timed()).wall > 0);
        assert((await service.work(() => ["part"]).timed()).processor > 0);
      }
      const names = parts[0]!.map(({ name }) => name);
      assert((await camsApart(names, ours!.read, theirs!.read)).mean < 1e-3);
    }),
);
