import { userError } from "seamstress";

/** Removes a folder that may not exist. @param folder removed with all that it holds, where it is there */
export async function removeIfThere(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/**
 * Fills a folder that appears when it is whole; until then its parts lie in `FOLDER.partial`. One that exists is refused: nothing in
 * it may be lost, and nothing of it may mix with what is written.
 *
 * @param folder absolute; must not exist
 * @param write fills the folder that it is given, which is empty
 * @returns what `write` gives
 * @throws {Deno.errors.AlreadyExists} where the folder exists
 */
export async function writeNewFolder<T>(
  folder: string,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  const found = await Deno.lstat(folder).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (found) {
    throw userError(
      new Deno.errors.AlreadyExists(
        `Cannot export to ${folder}: it exists already; name a folder that does not`,
      ),
    );
  }
  const partial = `${folder}.partial`;
  await removeIfThere(partial);
  await Deno.mkdir(partial, { recursive: true });
  const made = await write(partial);
  await Deno.rename(partial, folder);
  return made;
}
