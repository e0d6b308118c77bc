import { assert, assertRejects } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { voc12 } from "../../../plugins/datasets/voc12.ts";

/** Class numbers of VOC. */
export const CAT = 8, COW = 10, DOG = 12;

/** Photographs of a devkit, and the classes of their masks' stripes. */
export const IMAGES = [
  { name: "2007_000001", classes: [0, CAT] },
  { name: "2007_000002", width: 17, height: 31, classes: [DOG, COW, 0] },
  { name: "2007_000003", classes: [0] },
];

/** Opens a split of a devkit. */
export function open(
  folder: string,
  options: Record<string, unknown>,
  split = "train",
): Promise<Dataset> {
  const registry = new Registry([voc12]);
  return registry.create("dataset", { use: "voc12", root: folder, ...options }, {
    split,
    base: folder,
  });
}

/** Opens and checks; gives the error, which must be a user error. */
export async function refusal(
  folder: string,
  options: Record<string, unknown>,
  split?: string,
  want = { mask: false },
): Promise<string> {
  const error = await assertRejects(async () => {
    await (await open(folder, options, split)).check(want);
  });
  assert(isUserError(error), String(error));
  return error.message;
}

/** Names of the classes that an image's label says are there. */
export const presentIn = (dataset: Dataset, index: number) => {
  const label = dataset.label(index);
  return dataset.classes.filter((_, i) => label[i] === 1);
};
