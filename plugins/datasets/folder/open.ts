import { didYouMean, resolvePath, userError } from "seamstress";
import { ClassMap } from "../voc/classes.ts";
import { findLabels } from "../voc/devkit.ts";
import type { Listings } from "../voc/files.ts";
import { type Labeller, type Located, maskLabels, tableLabels } from "../voc/labels.ts";
import { MASK_ENDINGS, onlyFile } from "../voc/locate.ts";
import { mapFolders } from "../voc/maps.ts";
import { readList } from "../voc/split.ts";
import { splitPart } from "../voc/split_part.ts";
import type { FolderOptions } from "./options.ts";
import { classFolders, findPictures, type Picture } from "./picture.ts";

/** A folder of images, read. */
export interface OpenFolder {
  /** Absolute path of the data. */
  readonly root: string;
  readonly classes: ClassMap;
  readonly pictures: readonly Picture[];
  /** Absolute path of the folder of masks, where one is stated. */
  readonly masks: string | undefined;
  /** Makes the labeller that the options state. Throws where a file of labels is missing or broken. */
  labeller(limit?: number): Promise<Labeller>;
  /** Samples of a split: a list of this name, one ending in `.txt`, or `all`. Throws where there is no such list. */
  samples(split: string): Promise<readonly Located[]>;
}

/** The classes: as stated, else the names of class folders. */
function chooseClasses(
  { classes, labels }: FolderOptions,
  folders: readonly string[],
  images: string,
): readonly string[] {
  if (labels !== "folders") {
    if (classes) return classes;
    throw userError(
      new TypeError(
        `Cannot use ${images}: state classes, as labels: ${labels} does not say which there are, in which order`,
      ),
    );
  }
  const odd = classes?.find((name) => !folders.includes(name));
  if (odd === undefined && folders.length > 0) return classes ?? folders;
  throw userError(
    new Deno.errors.NotFound(
      `Cannot use ${images}: it has no folder ${
        odd === undefined
          ? "of a class"
          : `"${odd}"${didYouMean(odd, folders)}; folders there: ${folders.join(", ") || "none"}`
      }; images that lie in one folder need labels: FILE.csv`,
    ),
  );
}

/** Where no classes are stated, each folder is one: refuses a folder without an image, which may be something else. */
function refuseEmpty(folders: readonly string[], pictures: readonly Picture[], images: string) {
  const held = new Set(pictures.flatMap((picture) => picture.folders));
  const empty = folders.find((folder) => !held.has(folder));
  if (empty === undefined) return;
  throw userError(
    new Deno.errors.NotFound(
      `Cannot use ${images}/${empty} as a class: it holds no image; remove it, or state classes`,
    ),
  );
}

function folderLabels(pictures: readonly Picture[], classes: ClassMap): Labeller {
  const byName = new Map(pictures.map((picture) => [picture.name, picture.folders]));
  return ({ name }) => {
    const folders = byName.get(name);
    if (folders) {
      return Float32Array.from(classes.classes, (each) => folders.includes(each) ? 1 : 0);
    }
    throw userError(
      new RangeError(`Cannot label ${name}: no class folder has an image of this name`),
    );
  };
}

/**
 * Opens a folder of images.
 *
 * @param options of data set `folder`
 * @param base folder that relative paths start from
 * @param files lists folders
 * @returns images, classes, labels and splits
 * @throws {Error} where there is no image, two have one name, or classes do not fit
 */
export async function openFolder(
  options: FolderOptions,
  base: string,
  files: Listings,
): Promise<OpenFolder> {
  const { labels, vocabulary, others, lists, names } = options;
  const root = resolvePath(base, options.root);
  const images = resolvePath(root, options.images);
  const masks = options.masks === undefined ? undefined : resolvePath(root, options.masks);
  const other = [
    resolvePath(root, lists),
    ...masks === undefined ? [] : [masks],
    ...Object.values(mapFolders(options.maps, root)),
  ];
  if (!await files.has(images)) {
    throw userError(
      new Deno.errors.NotFound(
        `Cannot use ${images}: there is no such folder; option root of the data set says where images are, as in --set dataset.root=FOLDER`,
      ),
    );
  }
  const folders = labels === "folders" ? await classFolders(images, other, files) : undefined;
  const classes = chooseClasses(options, folders ?? [], images);
  const pictures = await findPictures({ images, folders, names }, files);
  if (folders && !options.classes) refuseEmpty(folders, pictures, images);
  const map = ClassMap.of(classes, vocabulary, others);
  const maskOf = async ({ name, stem, folders }: Picture) => {
    if (masks === undefined) return undefined;
    const byClass = await Promise.all(
      folders.map((each) => files.allOfEnding(`${masks}/${each}`, stem, MASK_ENDINGS)),
    );
    const flat = await files.allOfEnding(masks, name, MASK_ENDINGS);
    return onlyFile(name, [...flat, ...byClass.flat()]);
  };
  const locate = async (picture: Picture): Promise<Located> => {
    const mask = await maskOf(picture);
    return { name: picture.name, image: picture.image, ...mask !== undefined && { mask } };
  };
  const byName = new Map(pictures.map((picture) => [picture.name, picture]));
  const byPath = new Map(pictures.map((picture) => [picture.image, picture]));
  return {
    root,
    classes: map,
    pictures,
    masks,
    async labeller(limit) {
      if (labels === "folders") return folderLabels(pictures, map);
      if (labels === "masks") return maskLabels(map, limit);
      return await tableLabels(await findLabels(labels, base, root, images, files), map);
    },
    async samples(split) {
      const places = { lists, folder: root, base, files };
      const { whole, of } = splitPart(split);
      const entries = await readList(whole, places, new Set(byName.keys()));
      if (!entries) return await Promise.all(of(pictures).map(locate));
      return await Promise.all(
        of(entries).map(async ({ name, image, mask }) => {
          const picture = image === undefined ? byName.get(name) : byPath.get(image);
          const path = image ?? `${images}/${folders ? "*/" : ""}${name}.jpg`;
          const found = picture ? await locate(picture) : { name, image: path };
          return mask === undefined ? found : { ...found, mask };
        }),
      );
    },
  };
}
