import { decodeText, didYouMean, folderOf, resolvePath, show, userError } from "seamstress";
import { ALL_IMAGES, allImages } from "./all_images.ts";
import { type Listings, readBytes } from "./files.ts";
import { splitPart } from "./split_part.ts";

/** A line of a split's list. */
export interface Entry {
  /** Such as `2007_000032`. */
  readonly name: string;
  /** Absolute path where the line gives one. */
  readonly image?: string;
  /** Absolute path where the line gives one. */
  readonly mask?: string;
}

/**
 * Parses a split's list. A line is a name, or the image's path and then, optionally, the mask's, both from the devkit's folder:
 * `2007_000032` or `/JPEGImages/2007_000032.jpg /SegmentationClassAug/2007_000032.png`. Empty lines are skipped.
 *
 * @param text the list
 * @param from the list's path, for messages
 * @param devkit folder that paths in the list start from
 * @param known image names that are valid though they hold a space
 * @returns one entry per line
 * @throws {RangeError} where the list is empty, or a name occurs twice
 * @throws {SyntaxError} where a line has neither form
 */
export function parseSplit(
  text: string,
  from: string,
  devkit: string,
  known?: ReadonlySet<string>,
): readonly Entry[] {
  const lines = new Map<string, number>();
  const entries: Entry[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const whole = known?.has(line.trim()) ? [line.trim()] : undefined;
    const words = whole ?? line.trim().split(/\s+/);
    const [first, mask] = words;
    if (!first) continue;
    const place = `${from}:${i + 1}`;
    const isPath = !whole && first.includes("/");
    if (words.length > 2 || (mask !== undefined && !isPath)) {
      throw userError(
        new SyntaxError(
          `Cannot read split at ${place}: found ${show(line.trim())}, ` +
            "expected an image's name, or its path and its mask's",
        ),
      );
    }
    const name = first.slice(first.lastIndexOf("/") + 1).replace(isPath ? /\.[^.]*$/ : "", "");
    const before = lines.get(name);
    if (before !== undefined) {
      throw userError(
        new RangeError(
          `Cannot read split at ${place}: ${show(name).slice(1, -1)} is already in line ${before}`,
        ),
      );
    }
    lines.set(name, i + 1);
    entries.push({
      name,
      ...(isPath ? { image: resolvePath(devkit, `./${first}`) } : {}),
      ...(mask ? { mask: resolvePath(devkit, `./${mask}`) } : {}),
    });
  }
  if (entries.length === 0) {
    throw userError(new RangeError(`Cannot use split ${from}: it lists no image`));
  }
  return entries;
}

/**
 * @param folder of lists, absolute
 * @param files lists folders
 * @returns names of the lists in it, in order, without `.txt`
 */
export async function listNames(folder: string, files: Listings): Promise<readonly string[]> {
  return (await files.names(folder)).flatMap((name) =>
    name.endsWith(".txt") ? [name.slice(0, -4)] : []
  ).sort();
}

/** Where a split's list is, and who finds all images where the split has none. */
export interface SplitPlaces {
  /** Folder of lists, from the data's folder. */
  readonly lists: string;
  /** The data's folder, absolute; paths in lists start from it. */
  readonly folder: string;
  /** Folder that the path of a list starts from. */
  readonly base: string;
  readonly files: Listings;
}

/**
 * Reads a split of a devkit.
 *
 * @param split `train` and the like: a list in `lists`; the path of a list, ending in `.txt`; or `all`, every image of
 *   `JPEGImages`, where no list has this name; or a part of one of them, `train[0:200]`
 * @param lists folder of lists, from the devkit's folder
 * @param devkit folder that holds `JPEGImages`
 * @param base folder that the path of a list starts from
 * @param files lists folders
 * @returns one entry per image
 * @throws {Deno.errors.NotFound} naming the splits that exist
 */
export async function readSplit(
  split: string,
  lists: string,
  devkit: string,
  base: string,
  files: Listings,
): Promise<readonly Entry[]> {
  const { whole, of } = splitPart(split);
  return of(
    await readList(whole, { lists, folder: devkit, base, files }) ?? await allImages(devkit, files),
  );
}

/**
 * Reads a split's list.
 *
 * @param split as for {@linkcode readSplit}
 * @param places where it may be
 * @param known image names that are valid though they hold a space
 * @returns one entry per image; undefined where the split is `all` and no list has this name
 * @throws {Deno.errors.NotFound} naming the splits that exist
 */
export async function readList(
  split: string,
  { lists, folder, base, files }: SplitPlaces,
  known?: ReadonlySet<string>,
): Promise<readonly Entry[] | undefined> {
  const isPath = split.endsWith(".txt");
  const path = isPath ? resolvePath(base, split) : `${resolvePath(folder, lists)}/${split}.txt`;
  if (await files.has(path)) {
    return parseSplit(decodeText(await readBytes(path), `split ${path}`), path, folder, known);
  }
  if (split === ALL_IMAGES) return undefined;
  const names = await listNames(folderOf(path), files);
  throw userError(
    new Deno.errors.NotFound(
      `Cannot find split "${split}"${didYouMean(split, [...names, ALL_IMAGES])}: ` +
        `there is no ${path}; splits there: ${names.join(", ") || "none"}; ` +
        `every image: --set split=${ALL_IMAGES}, of one stage: --set STAGE.split=${ALL_IMAGES}`,
    ),
  );
}
