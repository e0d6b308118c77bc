import { userError } from "seamstress";
import { imageName } from "../voc/all_images.ts";
import { type Listings, readBytes } from "../voc/files.ts";
import { IMAGE_ENDINGS } from "../voc/locate.ts";

/** An image of a folder. */
export interface Picture {
  readonly name: string;
  /** Absolute path. */
  readonly image: string;
  /** The file's name without its ending. */
  readonly stem: string;
  /** Names of the folders that hold it, in order; none where it lies in a flat folder. */
  readonly folders: readonly string[];
}

/** Where images lie, and how they are named. */
export interface PictureOptions {
  /** Absolute path of the folder of class folders, or of images. */
  readonly images: string;
  /** Names of class folders; undefined where images lie in `images` itself. */
  readonly folders: readonly string[] | undefined;
  /** `file`: an image has its file's name. `path`: class folder and file, such as `cat_001`. */
  readonly names: "file" | "path";
}

/**
 * Finds class folders.
 *
 * @param images absolute path of the folder that holds them
 * @param other folders in it that are none: of masks, of lists; absolute paths
 * @param files lists folders
 * @returns their names, in order
 * @throws {Error} naming a link that leads nowhere
 */
export async function classFolders(
  images: string,
  other: readonly string[],
  files: Listings,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await files.names(images)) {
    const path = `${images}/${name}`;
    if (other.some((each) => `${each}/`.startsWith(`${path}/`))) continue;
    const broken = await files.broken(path);
    if (broken !== undefined) {
      throw userError(new Deno.errors.NotFound(`Cannot list ${path}: ${broken}`));
    }
    if ((await Deno.stat(path)).isDirectory) found.push(name);
  }
  return found;
}

/** Whether two files hold the same bytes. */
async function areEqual(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([readBytes(a), readBytes(b)]);
  return first.length === second.length && first.every((byte, i) => byte === second[i]);
}

/** One image in two class folders is an image of both classes; two images of one name are an error. */
async function merge(before: Picture, next: Picture): Promise<Picture> {
  const isSameFolder = before.folders.join() === next.folders.join();
  if (!isSameFolder && await areEqual(before.image, next.image)) {
    return { ...before, folders: [...before.folders, ...next.folders] };
  }
  throw userError(
    new RangeError(
      `Cannot tell images apart: ${before.image} and ${next.image} are both named ${before.name}` +
        (isSameFolder || before.folders.length === 0
          ? "; remove or rename one of them"
          : " and differ; rename one of them, or state names: path"),
    ),
  );
}

/**
 * Finds images in a flat folder, or in class folders. Names that begin with a dot, and files of other endings, are no images.
 *
 * @param options where they lie
 * @param files lists folders
 * @returns one per name, sorted by it
 * @throws {Deno.errors.NotFound} where there is none
 * @throws {RangeError} where two images have one name; an image that lies in several class folders with the same bytes is one
 */
export async function findPictures(
  { images, folders, names }: PictureOptions,
  files: Listings,
): Promise<readonly Picture[]> {
  const found = new Map<string, Picture>();
  for (const folder of folders ?? [undefined]) {
    const place = folder === undefined ? images : `${images}/${folder}`;
    for (const file of await files.names(place)) {
      const stem = imageName(file);
      if (stem === undefined) continue;
      const name = folder !== undefined && names === "path" ? `${folder}_${stem}` : stem;
      const here = folder === undefined ? [] : [folder];
      const picture = { name, stem, image: `${place}/${file}`, folders: here };
      const before = found.get(name);
      found.set(name, before ? await merge(before, picture) : picture);
    }
  }
  if (found.size === 0) {
    throw userError(
      new Deno.errors.NotFound(
        `Cannot use ${images}: ${
          folders === undefined ? "it holds" : `its folders (${folders.join(", ") || "none"}) hold`
        } no image; looked for endings ${IMAGE_ENDINGS.join(", ")}`,
      ),
    );
  }
  return [...found.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}
