import { userError } from "seamstress";
import type { Listings } from "./files.ts";
import { IMAGE_ENDINGS } from "./locate.ts";

/** The split of all images, where no list has this name. */
export const ALL_IMAGES = "all";

const ENDING = new RegExp(`(.)\\.(?:${IMAGE_ENDINGS.join("|")})$`, "i");

/**
 * @param file name of a file
 * @returns the image's name, without its ending; undefined where the ending is of no image
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { imageName } from "./all_images.ts";
 * assertEquals(["a.b.JPG", "a.txt", ".png"].map(imageName), ["a.b", undefined, undefined]);
 * ```
 */
export function imageName(file: string): string | undefined {
  return ENDING.test(file) ? file.replace(ENDING, "$1") : undefined;
}

/**
 * Finds all images of a devkit, in a list or not.
 *
 * @param devkit folder that holds `JPEGImages`
 * @param files lists folders
 * @returns one entry per name, sorted by name
 * @throws {Deno.errors.NotFound} where there is none
 */
export async function allImages(
  devkit: string,
  files: Listings,
): Promise<readonly { readonly name: string }[]> {
  const folder = `${devkit}/JPEGImages`;
  const names = (await files.names(folder)).flatMap((file) => imageName(file) ?? []);
  if (names.length > 0) return [...new Set(names)].sort().map((name) => ({ name }));
  throw userError(new Deno.errors.NotFound(`Cannot use ${folder}: it holds no picture`));
}
