import { decodeText, didYouMean, folderOf, resolvePath, show, userError } from "seamstress";
import { type Listings, readBytes } from "./files.ts";

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
 * @returns one entry per line
 * @throws {RangeError} where the list is empty, or a name occurs twice
 * @throws {SyntaxError} where a line has neither form
 */
export function parseSplit(text: string, from: string, devkit: string): readonly Entry[] {
  const lines = new Map<string, number>();
  const entries: Entry[] = [];
  for (const [i, line] of text.replace(/^\ufeff/, "").split(/\r?\n/).entries()) {
    const words = line.trim().split(/\s+/);
    const [first, mask] = words;
    if (!first) continue;
    const place = `${from}:${i + 1}`;
    const isPath = first.includes("/");
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
 * Reads a split's list.
 *
 * @param split `train` and the like: a list in `lists`; or the path of a list, ending in `.txt`
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
  const folder = resolvePath(devkit, lists);
  const path = split.endsWith(".txt") ? resolvePath(base, split) : `${folder}/${split}.txt`;
  if (!(await files.has(path))) {
    const names = (await files.names(folderOf(path))).filter((name) => name.endsWith(".txt"))
      .map((name) => name.slice(0, -4)).sort();
    throw userError(
      new Deno.errors.NotFound(
        `Cannot find split "${split}"${didYouMean(split, names)}: there is no ${path}; ` +
          `splits there: ${names.join(", ") || "none"}`,
      ),
    );
  }
  return parseSplit(decodeText(await readBytes(path), `split ${path}`), path, devkit);
}
