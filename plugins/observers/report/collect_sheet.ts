import {
  type Artifact,
  type Colour,
  type Dataset,
  hasMask,
  isUserError,
  type PluginFactory,
  type Raster,
  readArtifact,
  readMask,
  resizeNearest,
} from "seamstress";
import {
  ARTIFACTS,
  type Artifacts,
  exampleImages,
  hasCams,
  labelledImages,
  pseudoMask,
  readCams,
  USUAL_ALPHA,
} from "seamstress/wsss";
import { networkLabel } from "./comparison.ts";
import { classColours, mapsOfSize, paintHeat, paintMask } from "./pictures.ts";
import type { RunRecord } from "./read_run.ts";
import type { Picture, Sheet, SheetRow } from "./sheet.ts";
import { readSmallImage } from "./small_image.ts";

/** Which pictures the report shows. */
export interface SheetOptions {
  /** Ids of stages that infer CAMs; all where not given. */
  readonly cams?: readonly string[] | undefined;
  /** Ids of stages that made masks; those that were scored where not given. */
  readonly masks?: readonly string[] | undefined;
  /** Number of images, spread evenly over the split. */
  readonly images: number;
}

/** A stage whose CAMs are shown. */
interface Source {
  readonly id: string;
  readonly folder: string;
  /** Such as `seam, cam_rv`. */
  readonly label: string;
  readonly alpha: number;
}

/** CAMs of a stage, as recorded in a run folder. */
type CamArtifact = Artifact<Artifacts["cams"]>;

/** CAM stages of the run that kept their CAMs. */
function camArtifacts(
  run: RunRecord,
  ids: readonly string[] | undefined,
): readonly CamArtifact[] {
  return run.stages.flatMap(({ id, artifact: stored }) => {
    const artifact = stored && (!ids || ids.includes(id))
      ? readArtifact(stored, ARTIFACTS.cams)
      : undefined;
    return artifact && artifact.info.save?.includes("cams") !== false ? [artifact] : [];
  });
}

/** A stage whose masks are shown. */
interface MaskSource {
  readonly folder: string;
  /** Such as `walk`, or `retrain, segmentation`. */
  readonly label: string;
  /** Maximum number of pixels of a mask, the recipe's `limits.pixels`. */
  readonly limit: number;
}

/** Masks of the named stages, or else of the stages that were scored. */
function maskSources(
  run: RunRecord,
  ids: readonly string[] | undefined,
  limit: number,
): readonly MaskSource[] {
  const shown = ids ?? [...run.results.values()].map(({ about }) => about.from);
  return run.stages.flatMap(({ id, artifact: stored }) => {
    const artifact = stored && shown.includes(id)
      ? readArtifact(stored, ARTIFACTS.masks)
      : undefined;
    if (!artifact) return [];
    const { folder, info: { masks, checkpoint = id, output = id } } = artifact;
    const label = networkLabel(checkpoint, output);
    return [{ folder: `${folder}/${masks}`, label, limit }];
  });
}

function sourceOf(artifact: CamArtifact, run: RunRecord): Source {
  const id = artifact.folder.slice(artifact.folder.lastIndexOf("/") + 1);
  const { info: { cams, checkpoint = id, output = id } } = artifact;
  const scores = [...run.results.values()].find(({ about, table }) =>
    about.from === id && table.summary["alpha"] !== undefined
  );
  return {
    id,
    folder: `${artifact.folder}/${cams}`,
    label: networkLabel(checkpoint, output),
    alpha: scores?.table.summary["alpha"] ?? USUAL_ALPHA,
  };
}

/** Those of the images that a stage made masks of. */
async function withMask(
  { folder }: MaskSource,
  dataset: Dataset,
  images: readonly number[],
): Promise<readonly number[]> {
  const found = await Promise.all(images.map((i) => hasMask(folder, dataset.name(i))));
  return images.filter((_, k) => found[k]);
}

/**
 * Finds the images of which most stages have masks, and these stages; a stage that ran on another split is left out.
 */
async function imagesInCommon(
  dataset: Dataset,
  stages: readonly MaskSource[],
): Promise<{ readonly images: readonly number[]; readonly masks: readonly MaskSource[] }> {
  let images = labelledImages(dataset);
  const masks: MaskSource[] = [];
  for (const stage of stages) {
    const left = await withMask(stage, dataset, images);
    if (left.length === 0) continue;
    images = left;
    masks.push(stage);
  }
  return { images, masks };
}

async function camPictures(
  { folder, label, alpha }: Source,
  name: string,
  image: Raster,
  colours: readonly Colour[],
): Promise<{ readonly heat: Picture; readonly mask: Picture }> {
  const captions = { heat: `CAM: ${label}`, mask: `pseudo mask: ${label}, alpha ${alpha}` };
  const { cams } = await hasCams(folder, name) ? await readCams(folder, name) : {};
  if (!cams) return { heat: { caption: captions.heat }, mask: { caption: captions.mask } };
  const { width, height } = image;
  const maps = mapsOfSize(cams, image);
  return {
    heat: { caption: captions.heat, image: paintHeat(image, maps) },
    mask: {
      caption: captions.mask,
      image: paintMask(image, pseudoMask(maps, width * height, alpha), colours),
    },
  };
}

async function maskPicture(
  { folder, label, limit }: MaskSource,
  name: string,
  image: Raster,
  classes: number,
): Promise<Picture> {
  const mask = await readMask(folder, name, classes, limit);
  const small = resizeNearest(mask, image.width, image.height).data as Uint8Array;
  return { caption: `mask: ${label}`, image: paintMask(image, small, classColours(classes)) };
}

async function collectRow(
  dataset: Dataset,
  index: number,
  sources: readonly Source[],
  masks: readonly MaskSource[],
): Promise<SheetRow> {
  const { name, image, present, pictures } = await readSmallImage(dataset, index);
  const classes = dataset.classes.length, colours = classColours(classes);
  const made = [];
  for (const source of sources) made.push(await camPictures(source, name, image, colours));
  const refined: Picture[] = [];
  for (const source of masks) refined.push(await maskPicture(source, name, image, classes));
  return {
    name,
    classes: present,
    pictures: [
      ...pictures,
      ...made.map(({ heat }) => heat),
      ...made.map(({ mask }) => mask),
      ...refined,
    ],
  };
}

/**
 * Makes the pictures of a run: image, truth, the CAMs and pseudo masks of each stage that inferred them, the masks of later stages.
 * Images and truth come from the data set; where it is gone, the sheet says so and the report goes on without.
 *
 * @param run the run
 * @param options which pictures
 * @param factory opens the data set
 * @returns the sheet
 */
export async function collectSheet(
  run: RunRecord,
  options: SheetOptions,
  factory: PluginFactory,
): Promise<Sheet> {
  if (options.images === 0) {
    return { rows: [], classes: [], notes: ["No pictures were asked for."] };
  }
  try {
    const artifacts = camArtifacts(run, options.cams);
    const stages = maskSources(run, options.masks, factory.limits.pixels);
    const [first] = artifacts;
    if (!first) return { rows: [], classes: [], notes: ["This run kept no CAMs to look at."] };
    const { dataset: use, split, base } = first.info;
    const dataset = await factory.create("dataset", use, { split, base });
    const sources = artifacts.map((artifact) => sourceOf(artifact, run));
    const rows: SheetRow[] = [];
    const { images, masks } = await imagesInCommon(dataset, stages);
    for (const i of exampleImages(images.length, options.images)) {
      rows.push(await collectRow(dataset, images[i]!, sources, masks));
    }
    return { rows, classes: dataset.classes, notes: [] };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return {
      rows: [],
      classes: [],
      notes: [`The pictures could not be made: ${error.message}.`],
    };
  }
}
