import { type Dataset, isUserError, type PluginFactory } from "seamstress";
import {
  hasCams,
  readCams,
  readTrainingCams,
  type TrainingCams,
  trainingCamsFolder,
} from "seamstress/wsss";
import { mapsOfSize, paintHeat } from "./pictures.ts";
import type { RunRecord } from "./read_run.ts";
import type { Picture, Sheet, SheetRow } from "./sheet.ts";
import { readSmallImage, type SmallImage } from "./small_image.ts";

/** CAMs that a training stored while it went on. */
export interface TrainingSheet {
  /** Id of the training's stage. */
  readonly stage: string;
  readonly sheet: Sheet;
}

async function heatOf(
  folder: string,
  caption: string,
  { name, image }: SmallImage,
): Promise<Picture> {
  const { cams } = await hasCams(folder, name) ? await readCams(folder, name) : {};
  return { caption, ...cams && { image: paintHeat(image, mapsOfSize(cams, image)) } };
}

/**
 * Makes pictures of CAMs that a training stored while it went on.
 *
 * @param folder of the training's stage
 * @param cams which it stored
 * @param factory opens the data set
 * @returns image, truth and the CAMs of each step
 * @throws {Error} where the data set cannot be read
 */
export async function trainingSheet(
  folder: string,
  cams: TrainingCams,
  factory: PluginFactory,
): Promise<Sheet> {
  const { split, base, dataset: use, classes, output, images, steps } = cams;
  const dataset: Dataset = await factory.create("dataset", use, { split, base });
  const rows: SheetRow[] = [];
  for (const { index, name: stored } of images) {
    if (index >= dataset.length || dataset.name(index) !== stored) continue;
    const small = await readSmallImage(dataset, index);
    const heats: Picture[] = [];
    for (const step of steps) {
      const caption = `CAM: ${output}, step ${step}`;
      heats.push(await heatOf(trainingCamsFolder(folder, step), caption, small));
    }
    const { name, present, pictures } = small;
    rows.push({ name, classes: present, pictures: [...pictures, ...heats] });
  }
  return { rows, classes, notes: [] };
}

/**
 * Makes pictures of the CAMs that trainings stored while they went on: of each image those of the first step and of the newest. Where the
 * data set is gone, the sheet says so and the report goes on without.
 *
 * @param run the run
 * @param options `images: 0` for none
 * @param factory opens the data set
 * @returns a sheet for each training that stored some
 */
export async function collectTrainingSheets(
  { stages }: RunRecord,
  { images }: { readonly images: number },
  factory: PluginFactory,
): Promise<readonly TrainingSheet[]> {
  const sheets: TrainingSheet[] = [];
  for (const { id, run, artifact } of images === 0 ? [] : stages) {
    if (run !== "train" || !artifact) continue;
    try {
      const cams = await readTrainingCams(artifact.folder);
      if (!cams) continue;
      sheets.push({ stage: id, sheet: await trainingSheet(artifact.folder, cams, factory) });
    } catch (error) {
      if (!isUserError(error)) throw error;
      const notes = [`The pictures could not be made: ${error.message}.`];
      sheets.push({ stage: id, sheet: { rows: [], classes: [], notes } });
    }
  }
  return sheets;
}
