import { assert, assertThrows } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { isUserError } from "../../../core/errors.ts";
import { checkLabelled } from "../../../plugins/wsss/stages/labelled.ts";

const of = (...labels: readonly number[][]): Dataset => ({
  classes: ["cat", "dog"],
  length: labels.length,
  name: String,
  label: (index) => Float32Array.from(labels[index]!),
  read: () => Promise.reject(new Error("not needed")),
  check: () => Promise.resolve(),
  fingerprint: () => Promise.resolve(""),
});

Deno.test("checkLabelled() wants one image with one label, and names split, classes and stage", () => {
  checkLabelled("seam", "train", of([0, 0], [0, 1]));
  const error = assertThrows(
    () => checkLabelled("seam", "train", of([0, 0], [0, 0])),
    RangeError,
    "Cannot plan stage seam: none of the 2 images of split train has a label of any class (cat, dog)",
  );
  assert(isUserError(error));
});
