import { assert, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../../core/errors.ts";
import { ClassNumbers } from "../../../../plugins/stages/interchange/class_numbers.ts";

const CLASSES = ["cat", "cow", "dog", "bus"];

/** Files' class numbers and their images' classes. */
type Pairs = readonly (readonly [readonly number[], readonly number[]])[];

function concluded(pairs: Pairs, indices: readonly number[] = [0, 1, 2, 3]): string | undefined {
  const numbers = new ClassNumbers("out", CLASSES, indices);
  for (const [i, [numbersOfFile, has]] of pairs.entries()) {
    const label = Float32Array.from(CLASSES, (_, c) => has.includes(c) ? 1 : 0);
    numbers.add({ path: `out/${i}.npy`, numbers: numbersOfFile, label });
  }
  return numbers.conclude();
}

function refuses(pairs: Pairs, texts: readonly string[], indices?: readonly number[]): void {
  const error = assertThrows(() => concluded(pairs, indices), RangeError);
  assert(isUserError(error));
  for (const text of ["the CAMs in out", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

Deno.test("files that fit their images' labels pass, and so do those of no map or no class", () => {
  assertEquals(concluded([]), undefined);
  assertEquals(concluded([[[0, 2], [0, 2]], [[3], [3]], [[], [1]], [[1], []]]), undefined);
  // Every class for every image, and a classifier's choice that is partly wrong.
  assertEquals(concluded([[[0, 1, 2, 3], [2]], [[0, 1, 2, 3], [0, 1]]]), undefined);
  assertEquals(concluded([[[0, 1], [0]], [[2, 3], [3]], [[1], [1, 2]]]), undefined);
});

Deno.test("numbers from 1 are refused, also where they overlap with the labels", () => {
  const told = ["count classes from 1", "classes: [background, cat, …]", "out/0.npy"];
  refuses([[[1], [0]], [[3], [2]]], [
    ...told,
    "2 of 2",
    "maps of 1 (cow), where the image has cat",
  ]);
  refuses([[[1, 2], [0, 1]], [[1, 2, 3], [0, 1, 2]]], told);
  // Where the data set has not all classes of the files.
  refuses([[[1], [0]], [[3], [1]]], ["2 of 2"], [0, -1, 1, -1]);
});

Deno.test("a background at number 0 is refused as the scores of --out_crf", () => {
  const told = ["--out_crf", "--out_cam", "number 0 is the background"];
  refuses([[[0, 1], [0]], [[0, 1], [0]]], told);
  refuses([[[0, 3, 1], [0, 2]], [[0, 2], [1]]], [...told, "0 (cat), 3 (bus), 1 (cow)"]);
});

Deno.test("a name for the background makes both forms fit", () => {
  const indices = [-1, 0, 1, 2, 3];
  assertEquals(concluded([[[0, 1], [0]], [[0, 3], [2]]], indices), undefined);
  assertEquals(concluded([[[1], [0]], [[4], [3]]], indices), undefined);
});

Deno.test("maps of other classes are refused where they are many, and remarked where they are few", () => {
  const other: Pairs = [[[2], [0]], [[0], [3]], [[1], [1]]];
  refuses(other, [
    "2 of 3 have maps of none",
    "option classes",
    "out/0.npy, which has maps of 2 (dog)",
  ]);
  const few: Pairs = [[[2], [0]], [[3], [3]], [[1], [1]]];
  const remark = concluded(few)!;
  assert(remark.includes("CAMs in out: 1 of 3 have maps of none"), remark);
  // One class further, but only once.
  assert(concluded([[[1], [0]], [[3], [3]], [[1], [1]]])!.includes("out/0.npy"));
});
