import { maskFile } from "./mask_store.ts";

const ENDING = ".png";

/**
 * Finds masks in a folder from elsewhere, whose endings may be in capitals.
 *
 * @param folder absolute; it need not be there
 * @returns an image's name → its mask's path, `NAME.png` where there is none
 * @throws {Error} what the operating system says where the folder cannot be listed
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { maskFilesIn } from "seamstress";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.PNG`, "");
 * const fileOf = await maskFilesIn(folder);
 * assertEquals([fileOf("a"), fileOf("b")], [`${folder}/a.PNG`, `${folder}/b.png`]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function maskFilesIn(folder: string): Promise<(name: string) => string> {
  const found = new Map<string, string>();
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const stem = name.slice(0, -ENDING.length), ending = name.slice(-ENDING.length);
      // The usual one wins where both are there.
      if (ending === ENDING || ending.toLowerCase() === ENDING && !found.has(stem)) {
        found.set(stem, name);
      }
    }
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (!missing) throw error;
  }
  return (name) => {
    const file = found.get(name);
    return file === undefined ? maskFile(folder, name) : `${folder}/${file}`;
  };
}
