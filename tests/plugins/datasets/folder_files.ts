import { assert, assertRejects } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { folder } from "../../../plugins/datasets/folder.ts";
import { encodeIndexedPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { encodeJpeg, testImage } from "../images/encode_jpeg.ts";
import { stripes } from "./voc12_devkit.ts";

/** Writes photographs, each with other pixels, at paths such as `cat/a.jpg`. */
export async function writePictures(root: string, paths: readonly string[]): Promise<void> {
  for (const [i, path] of paths.entries()) {
    const file = `${root}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(file, await encodeJpeg(testImage(24, 16, i)));
  }
}

/** Writes a mask of 24x16 in stripes of class numbers. */
export async function writeStripes(path: string, numbers: readonly number[]): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const mask = { width: 24, height: 16, channels: 1, data: stripes(24, 16, numbers) };
  await Deno.writeFile(path, encodeIndexedPng(mask, vocPalette()));
}

/** Opens a split of data set `folder`. */
export function openFolder(
  root: string,
  options: Record<string, unknown> = {},
  split = "all",
): Promise<Dataset> {
  const registry = new Registry([folder]);
  const use = { use: "folder", root, ...options };
  return registry.create("dataset", use, { split, base: root });
}

/** Opens and checks; gives the error's message, which must be a user error. */
export async function folderRefusal(
  root: string,
  options: Record<string, unknown> = {},
  split = "all",
  want = { mask: false },
): Promise<string> {
  const error = await assertRejects(async () => {
    await (await openFolder(root, options, split)).check(want);
  });
  assert(isUserError(error), String(error));
  return error.message;
}

/** Each image's name with the classes of its label. */
export function labelsOf(dataset: Dataset): Record<string, readonly string[]> {
  return Object.fromEntries(
    Array.from({ length: dataset.length }, (_, i) => {
      const label = dataset.label(i);
      return [dataset.name(i), dataset.classes.filter((_, c) => label[c] === 1)];
    }),
  );
}
