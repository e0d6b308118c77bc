import {
  type Dataset,
  type Raster,
  resizeBicubic,
  resizeNearest,
  sizeOfLongSide,
} from "seamstress";
import { classColours, paintMask } from "./pictures.ts";
import type { Picture } from "./sheet.ts";

/** Longest side of a picture in the report, in pixels. */
const LONG_SIDE = 200;

/** An image in the size that the report shows it in. */
export interface SmallImage {
  readonly name: string;
  /** RGB. */
  readonly image: Raster;
  /** Classes of the image by index from 0. */
  readonly present: readonly number[];
  /** The image, and the truth where there is one. */
  readonly pictures: readonly Picture[];
}

/**
 * Reads an image for the report.
 *
 * @param dataset its split
 * @param index of the image
 * @returns image and truth, reduced
 */
export async function readSmallImage(dataset: Dataset, index: number): Promise<SmallImage> {
  // Weakly supervised data may have no masks: the pictures are worth showing without the truth.
  const { name, image: full, mask, label } = await dataset.read(index, { mask: true })
    .catch(() => dataset.read(index, { mask: false }));
  const long = Math.max(full.width, full.height);
  const size = long <= LONG_SIDE
    ? [full.width, full.height] as const
    : sizeOfLongSide(full.width, full.height, LONG_SIDE);
  const image = resizeBicubic(full, ...size);
  const truth = mask && resizeNearest(mask, ...size).data as Uint8Array;
  const colours = classColours(dataset.classes.length);
  return {
    name,
    image,
    present: [...label.keys()].filter((c) => label[c]! > 0),
    pictures: [
      { caption: "image", image },
      { caption: "truth", ...truth && { image: paintMask(image, truth, colours) } },
    ],
  };
}
