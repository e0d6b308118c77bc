import { assert, assertRejects } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { coco } from "../../../plugins/datasets/coco.ts";
import { encodeJpeg, testImage } from "../images/encode_jpeg.ts";

/** Categories with gaps between their ids, not in order. */
export const CATEGORIES = [
  { id: 90, name: "toothbrush", supercategory: "indoor" },
  { id: 1, name: "person", supercategory: "person" },
  { id: 18, name: "dog", supercategory: "animal" },
];

/** A rectangle as a polygon, which COCO draws as these pixels. */
export const box = (x: number, y: number, width: number, height: number) => [
  [x, y, x + width, y, x + width, y + height, x, y + height],
];

/** Two images of 6x4 pixels: a person with a dog before it, and a crowd with a toothbrush in it. */
export const INSTANCES = {
  info: { description: 'a "test" \\ {[' },
  images: [
    { id: 9, file_name: "000000000009.jpg", width: 6, height: 4, license: 3 },
    { id: 25, file_name: "000000000025.jpg", width: 6, height: 4 },
  ],
  annotations: [
    {
      id: 5,
      image_id: 9,
      category_id: 18,
      iscrowd: 0,
      area: 4,
      bbox: [2, 1, 2, 2],
      segmentation: box(2, 1, 2, 2),
    },
    { id: 6, image_id: 9, category_id: 1, iscrowd: 0, segmentation: box(1, 0, 4, 4) },
    {
      id: 7,
      image_id: 25,
      category_id: 1,
      iscrowd: 1,
      segmentation: { size: [4, 6], counts: [4, 16, 4] },
    },
    // pycocotools.mask.encode of column 2
    { id: 8, image_id: 25, category_id: 90, segmentation: { counts: "84<", size: [4, 6] } },
  ],
  categories: CATEGORIES,
};

/** These with one object changed, alone. */
export const changed = (object: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  ...INSTANCES,
  annotations: [{ image_id: 9, category_id: 1, segmentation: box(0, 0, 2, 2), ...object }],
  ...more,
});

/** Writes an annotation file and its photographs, of 6x4 pixels. */
export async function writeCoco(
  root: string,
  instances: unknown = INSTANCES,
  set = "train2017",
): Promise<void> {
  await Deno.mkdir(`${root}/annotations`, { recursive: true });
  await Deno.mkdir(`${root}/${set}`, { recursive: true });
  const text = typeof instances === "string" ? instances : JSON.stringify(instances);
  await Deno.writeTextFile(`${root}/annotations/instances_${set}.json`, text);
  for (const { file_name } of INSTANCES.images) {
    await Deno.writeFile(`${root}/${set}/${file_name}`, await encodeJpeg(testImage(6, 4, 1)));
  }
}

/** Opens a split of data set `coco`. */
export function openCoco(
  root: string,
  options: Record<string, unknown> = {},
  split = "train2017",
  unlabelled = false,
): Promise<Dataset> {
  const registry = new Registry([coco]);
  return registry.create("dataset", { use: "coco", root, ...options }, {
    split,
    base: root,
    unlabelled,
  });
}

/** Opens, checks, and reads all masks; gives the error's message, which must be a user error. */
export async function cocoRefusal(
  root: string,
  options: Record<string, unknown> = {},
  split?: string,
): Promise<string> {
  const error = await assertRejects(async () => {
    const dataset = await openCoco(root, options, split);
    await dataset.check({ mask: true });
    for (let i = 0; i < dataset.length; i++) await dataset.read(i, { mask: true });
  });
  assert(isUserError(error), String(error));
  return error.message;
}
