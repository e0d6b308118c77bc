import { type Dataset, encodeIndexedPng, encodeRgbPng, type Sample, vocPalette } from "seamstress";
import { encodeJpeg } from "./encode_jpeg.ts";
import { writeNewFolder } from "./new_folder.ts";

/** What to export, and how. */
export interface VocdevkitExport {
  /** Name of the list → opened split. A picture that several splits hold is written once. */
  readonly splits: Readonly<Record<string, Dataset>>;
  /** `jpg` as VOC has it, a few levels off; `png` to the bit. */
  readonly images: "jpg" | "png";
  /** Whether masks are written too; the data set must have them. */
  readonly masks: boolean;
  /** Called after each picture. */
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

/**
 * Writes data as a VOCdevkit folder that the data set `voc12` reads, given the same list as `classes` and as `vocabulary`, since
 * masks are numbered in its order, and `labels: labels.json`:
 * `VOCdevkit/VOC2012/{JPEGImages, SegmentationClass, ImageSets/Segmentation}` and `labels.json` (name → class names). The folder
 * appears when it is whole; until then its parts lie in `FOLDER.partial`.
 *
 * @param folder absolute; must not exist
 * @param what splits and how to write them
 * @returns number of pictures written
 * @throws {Deno.errors.AlreadyExists} where the folder exists
 */
export function exportVocdevkit(folder: string, what: VocdevkitExport): Promise<number> {
  return writeNewFolder(folder, (partial) => writeParts(partial, what));
}

/**
 * Encodes one picture and its mask as they are written.
 *
 * @param sample with a mask where masks are written
 * @param what the images' format, and whether masks are written
 * @returns both files
 */
export async function encodePicture(
  { image, mask }: Sample,
  what: Pick<VocdevkitExport, "images" | "masks">,
): Promise<{ readonly image: Uint8Array; readonly mask: Uint8Array | undefined }> {
  return {
    image: what.images === "png" ? encodeRgbPng(image) : await encodeJpeg(image),
    mask: what.masks ? encodeIndexedPng(mask!, vocPalette()) : undefined,
  };
}

async function writeParts(folder: string, what: VocdevkitExport): Promise<number> {
  const devkit = `${folder}/VOCdevkit/VOC2012`;
  const lists = `${devkit}/ImageSets/Segmentation`;
  await Deno.mkdir(lists, { recursive: true });
  await Deno.mkdir(`${devkit}/JPEGImages`);
  if (what.masks) await Deno.mkdir(`${devkit}/SegmentationClass`);

  const labels = new Map<string, readonly string[]>();
  const splits = Object.entries(what.splits);
  const total = splits.reduce((sum, [, dataset]) => sum + dataset.length, 0);
  let done = 0;
  for (const [split, dataset] of splits) {
    const names = Array.from({ length: dataset.length }, (_, i) => dataset.name(i));
    for (const [i, name] of names.entries()) {
      if (!labels.has(name)) {
        const sample = await dataset.read(i, { mask: what.masks });
        labels.set(name, dataset.classes.filter((_, c) => sample.label[c] === 1));
        const { image, mask } = await encodePicture(sample, what);
        await Deno.writeFile(`${devkit}/JPEGImages/${name}.${what.images}`, image);
        if (mask) await Deno.writeFile(`${devkit}/SegmentationClass/${name}.png`, mask);
      }
      await what.progress?.(++done, total);
    }
    await Deno.writeTextFile(`${lists}/${split}.txt`, names.join("\n") + "\n");
  }
  const table = JSON.stringify(Object.fromEntries(labels), null, 1);
  await Deno.writeTextFile(`${folder}/labels.json`, `${table}\n`);
  return labels.size;
}
