import { type DatasetArgs, didYouMean, resolvePath, userError } from "seamstress";
import { imageName } from "../voc/all_images.ts";
import { ClassMap } from "../voc/classes.ts";
import type { Listings } from "../voc/files.ts";
import { IMAGE_ENDINGS, onlyFile } from "../voc/locate.ts";
import { mapFolders } from "../voc/maps.ts";
import { readList, type SplitPlaces } from "../voc/split.ts";
import { splitPart } from "../voc/split_part.ts";
import { type AnnotationFile, readAnnotationFile } from "./annotation_file.ts";
import { CocoDataset, type CocoSample } from "./dataset.ts";
import type { MaskOptions } from "./masks.ts";
import type { CocoOptions } from "./options.ts";

/** Stands for the split's name in options. */
const SPLIT = "{split}";

/** Most categories that a mask has numbers for. */
const MOST_CLASSES = 254;

/** A split of data in COCO's form, opened. */
export interface OpenCoco {
  readonly dataset: CocoDataset;
  /** Its samples, with the paths of their images. */
  readonly samples: readonly CocoSample[];
}

async function findAnnotations(
  { annotations }: CocoOptions,
  root: string,
  split: string,
  files: Listings,
): Promise<string> {
  const path = resolvePath(root, annotations.replaceAll(SPLIT, split));
  if (await files.has(path)) return path;
  const folder = path.slice(0, path.lastIndexOf("/"));
  const names = (await files.names(folder)).filter((name) => name.endsWith(".json"));
  const sets = names.map((name) => name.replace(/^instances_|\.json$/g, ""));
  throw userError(
    new Deno.errors.NotFound(
      `Cannot find COCO annotations ${path}${
        annotations.includes(SPLIT) ? didYouMean(split, sets) : ""
      }: files there: ${
        names.join(", ") || "none"
      }; lists and all need annotations: FILE in place of {split}`,
    ),
  );
}

/** The folder of images: as stated, else where COCO's usually lie. */
async function findImages(
  { images }: CocoOptions,
  root: string,
  annotations: string,
  split: string,
  files: Listings,
): Promise<string> {
  if (images !== undefined) return resolvePath(root, images.replaceAll(SPLIT, split));
  const set = /instances_([^/]+)\.json$/.exec(annotations)?.[1] ?? split;
  const places = [`${root}/${set}`, `${root}/images/${set}`, `${root}/images`];
  const found = await files.first(places);
  if (found !== undefined) return found;
  throw userError(
    new Deno.errors.NotFound(
      `Cannot find the images of ${annotations}: looked for ${places.join(", ")}; state images`,
    ),
  );
}

/** Samples of all images, whose names must differ. */
async function locateAll(
  { images, path }: AnnotationFile,
  folder: string,
  files: Listings,
): Promise<readonly CocoSample[]> {
  const before = new Map<string, string>();
  const samples: CocoSample[] = [];
  for (const [index, { file }] of images.entries()) {
    const base = file.slice(file.lastIndexOf("/") + 1);
    const name = imageName(base) ?? base;
    const other = before.get(name);
    if (other !== undefined) {
      throw userError(
        new RangeError(
          `Cannot use COCO annotations ${path}: ${other} and ${file} are both images named ${name}`,
        ),
      );
    }
    before.set(name, file);
    const stated = `${folder}/${file}`;
    // Copies of data sets differ in the letter case of endings.
    const near = async () =>
      onlyFile(
        name,
        await files.allOfEnding(stated.slice(0, stated.lastIndexOf("/")), name, IMAGE_ENDINGS),
      );
    samples.push({ name, index, image: await files.has(stated) ? stated : await near() ?? stated });
  }
  return samples;
}

/** Samples of a list of a file's images, or all of them. */
async function listed(
  split: string,
  all: readonly CocoSample[],
  images: string,
  places: SplitPlaces,
): Promise<readonly CocoSample[]> {
  const byName = new Map(all.map((sample) => [sample.name, sample]));
  const entries = await readList(split, places, new Set(byName.keys()));
  return entries?.map(({ name }) =>
    byName.get(name) ?? { name, image: `${images}/${name}.jpg`, index: -1 }
  ) ?? all;
}

/**
 * Opens a split of data in COCO's form.
 *
 * @param options of data set `coco`
 * @param args the split, which names the annotation file, or where the options state one a list of its images; and the folder that
 *   relative paths start from
 * @param limit most pixels of an image or mask
 * @param files lists folders
 * @returns the split
 * @throws {Error} where a file is missing or broken, there is no such list, or classes are not among the categories
 */
export async function openCoco(
  options: CocoOptions,
  { split: named, base, unlabelled = false }: DatasetArgs,
  limit: number,
  files: Listings,
): Promise<OpenCoco> {
  const { whole: split, of } = splitPart(named);
  const root = resolvePath(base, options.root);
  const path = await findAnnotations(options, root, split, files);
  const annotations = readAnnotationFile(path);
  const { categories } = annotations;
  const selected = options.classes ?? categories;
  if (selected.length > MOST_CLASSES) {
    throw userError(
      new RangeError(
        `Cannot use COCO annotations ${path}: ${selected.length} categories, a mask has numbers for ${MOST_CLASSES}; state classes`,
      ),
    );
  }
  const known = new ClassMap(selected, categories, options.others, true);
  const classes = categories.length > MOST_CLASSES
    ? new ClassMap(selected, selected, options.others)
    : known;
  const folder = await findImages(options, root, path, split, files);
  const all = await locateAll(annotations, folder, files);
  const places = { lists: options.lists, folder: root, base, files };
  const samples = of(
    options.annotations.includes(SPLIT) ? all : await listed(split, all, folder, places),
  );
  const dataset = new CocoDataset({
    split: `split ${named} of ${root}`,
    annotations,
    samples,
    classes,
    masks: maskOptions(annotations, classes, options, limit),
    maps: mapFolders(options.maps, root),
    unlabelled,
    files,
  });
  return { dataset, samples };
}

/** How objects become masks. */
function maskOptions(
  { categories }: AnnotationFile,
  { classes }: ClassMap,
  { others, overlaps }: CocoOptions,
  limit: number,
): MaskOptions {
  const places = categories.map((name) => classes.indexOf(name) + 1);
  const rest = others === "ignore" ? 255 : 0;
  return {
    values: places.map((place) => place || rest),
    crowds: places.map((place) => place > 0 || others === "ignore"),
    overlaps,
    limit,
  };
}
