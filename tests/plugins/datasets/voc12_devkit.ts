import { encodeIndexedPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { encodeJpeg, testImage } from "../images/encode_jpeg.ts";

/** One image of a tiny VOCdevkit. */
export interface TinyImage {
  readonly name: string;
  readonly width?: number;
  readonly height?: number;
  /** Classes of the mask, in stripes from the left; the first column is ignored (255). */
  readonly classes: readonly number[];
}

/** Makes a mask of vertical stripes. */
export function stripes(width: number, height: number, classes: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const x = i % width;
    return x === 0 ? 255 : classes[Math.floor(x * classes.length / width)] ?? 0;
  });
}

/** Writes `VOCdevkit/VOC2012` with real JPEG and palette PNG files, and the list of split train. */
export async function writeDevkit(parent: string, images: readonly TinyImage[]): Promise<string> {
  const devkit = `${parent}/VOCdevkit/VOC2012`;
  for (const folder of ["JPEGImages", "SegmentationClassAug", "ImageSets/Segmentation"]) {
    await Deno.mkdir(`${devkit}/${folder}`, { recursive: true });
  }
  for (const [i, { name, width = 24, height = 16, classes }] of images.entries()) {
    const jpeg = await encodeJpeg(testImage(width, height, i));
    await Deno.writeFile(`${devkit}/JPEGImages/${name}.jpg`, jpeg);
    const mask = { width, height, channels: 1, data: stripes(width, height, classes) };
    const png = encodeIndexedPng(mask, vocPalette());
    await Deno.writeFile(`${devkit}/SegmentationClassAug/${name}.png`, png);
  }
  await writeSplit(devkit, "train", images.map(({ name }) => name));
  return devkit;
}

/** Writes a split's list. */
export async function writeSplit(
  devkit: string,
  split: string,
  lines: readonly string[],
): Promise<void> {
  const path = `${devkit}/ImageSets/Segmentation/${split}.txt`;
  await Deno.writeTextFile(path, lines.map((line) => `${line}\n`).join(""));
}

/** Runs a test in a folder that is removed after it. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "voc12_" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
