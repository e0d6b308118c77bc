import { encodeRgbPng, isUserError, type PluginFactory, type Raster } from "seamstress";
import { readTrainingCams } from "seamstress/wsss";
import { collectSheet } from "../report/collect_sheet.ts";
import { readRun } from "../report/read_run.ts";
import type { Sheet } from "../report/sheet.ts";
import { trainingSheet } from "../report/training_sheets.ts";
import type { EncodedImage } from "./event.ts";

/** Pictures by tag, beneath the stage's. */
export type Pictures = Readonly<Record<string, EncodedImage>>;

/** Pixels between two pictures. */
const GAP = 4;

/**
 * Puts pictures beside one another, on white.
 *
 * @param pictures RGB
 * @returns RGB
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sideBySide } from "./pictures.ts";
 * const picture = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) } as const;
 * const { width, height, data } = sideBySide([picture, picture]);
 * assertEquals([width, height, ...data.slice(-6)], [8, 1, 1, 2, 3, 4, 5, 6]);
 * ```
 */
export function sideBySide(pictures: readonly Raster[]): Raster {
  const width = pictures.reduce((sum, picture) => sum + picture.width, GAP * (pictures.length - 1));
  const height = Math.max(...pictures.map((picture) => picture.height));
  const data = new Uint8Array(width * height * 3).fill(255);
  let left = 0;
  for (const picture of pictures) {
    const row = 3 * picture.width;
    for (let y = 0; y < picture.height; y++) {
      data.set(picture.data.subarray(row * y, row * (y + 1)), 3 * (width * y + left));
    }
    left += picture.width + GAP;
  }
  return { width, height, channels: 3, data };
}

/** A picture of each image: what the sheet has of it, side by side. */
function picturesOf({ rows }: Sheet): Pictures {
  return Object.fromEntries(rows.map(({ name, pictures }) => {
    const raster = sideBySide(pictures.flatMap(({ image }) => image ?? []));
    const { width, height } = raster;
    return [name, { width, height, png: encodeRgbPng(raster) }];
  }));
}

/**
 * Makes pictures of the CAMs that a stage inferred: image, truth where there is one, the strongest CAM of each pixel, the mask.
 *
 * @param folder of the run
 * @param stage its id
 * @param images how many, spread evenly over the split
 * @param factory opens the data set
 * @returns by name of the image; none where the stage kept no CAMs, or the data set cannot be read
 */
export async function stagePictures(
  folder: string,
  stage: string,
  images: number,
  factory: PluginFactory,
): Promise<Pictures> {
  const run = await readRun(folder);
  return picturesOf(await collectSheet(run, { cams: [stage], masks: [], images }, factory));
}

/** CAMs of a training that were not written before. */
export interface TrainingPictures {
  /** Optimizer steps done. */
  readonly step: number;
  readonly pictures: Pictures;
}

/**
 * Makes pictures of the CAMs that a training stored while it goes on: image, truth where there is one, the strongest CAM of each pixel.
 *
 * @param folder of the training's stage
 * @param isNew whether CAMs of a step are wanted
 * @param factory opens the data set
 * @returns those of each step that is wanted
 */
export async function trainingPictures(
  folder: string,
  isNew: (step: number) => boolean,
  factory: PluginFactory,
): Promise<readonly TrainingPictures[]> {
  const made: TrainingPictures[] = [];
  try {
    const cams = await readTrainingCams(folder);
    for (const step of cams?.steps.filter(isNew) ?? []) {
      const sheet = await trainingSheet(folder, { ...cams!, steps: [step] }, factory);
      made.push({ step, pictures: picturesOf(sheet) });
    }
  } catch (error) {
    // Numbers are written all the same; the run itself reads its data and says what is wrong with it.
    if (!isUserError(error)) throw error;
  }
  return made;
}
