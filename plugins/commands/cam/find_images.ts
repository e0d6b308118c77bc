import { userError } from "../../../core/errors.ts";
import { resolvePath } from "../../../core/recipe/paths.ts";
import { imageName } from "../../datasets/voc/all_images.ts";
import { IMAGE_ENDINGS } from "../../datasets/voc/locate.ts";
import { brokenLink } from "../../formats/no_such_file.ts";

/** A photograph. */
export interface Photograph {
  /** Its file's name without the ending. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * Finds photographs: files as they are, of folders all images that lie in them, by name.
 *
 * @param given files and folders, relative to the working directory
 * @returns the photographs, each once
 * @throws {Deno.errors.NotFound} where there is no such file, or a folder holds no image
 * @throws {RangeError} where two would have results of one name
 */
export async function findImages(given: readonly string[]): Promise<readonly Photograph[]> {
  const paths: string[] = [];
  for (const path of given) {
    const full = resolvePath(Deno.cwd(), path).replace(/\/$/, "");
    const { isDirectory } = await Deno.stat(full).catch(() => {
      const link = brokenLink(full);
      throw userError(
        new Deno.errors.NotFound(
          `Cannot read the image ${path}: ${link ?? "there is no such file or folder"}`,
        ),
      );
    });
    paths.push(...isDirectory ? await imagesIn(full, path) : [full]);
  }
  const byName = new Map<string, string>();
  for (const path of paths) {
    const file = path.slice(path.lastIndexOf("/") + 1);
    const name = imageName(file) ?? file;
    const before = byName.get(name);
    if (before !== undefined && before !== path) {
      throw userError(
        new RangeError(
          `Cannot infer ${before} and ${path} together: their results would both be named ${name}; give them one by one, each with --out`,
        ),
      );
    }
    byName.set(name, path);
  }
  return [...byName].map(([name, path]) => ({ name, path }));
}

async function imagesIn(folder: string, given: string): Promise<readonly string[]> {
  const entries = (await Array.fromAsync(Deno.readDir(folder)))
    .filter(({ name }) => !name.startsWith("."));
  const names = entries.map(({ name }) => name);
  const images = names.filter((name) => imageName(name) !== undefined);
  if (images.length > 0) return images.sort().map((name) => `${folder}/${name}`);
  const folders = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  const those = folders.length === 0
    ? ""
    : `; folders in it are given by name: ${
      folders.slice(0, 3).map((name) => `${given.replace(/\/$/, "")}/${name}`).join(" ")
    }${folders.length > 3 ? " …" : ""}`;
  throw userError(
    new Deno.errors.NotFound(
      `Cannot infer the folder ${given}: it holds no image; looked for endings ${
        IMAGE_ENDINGS.join(", ")
      }${those}`,
    ),
  );
}
