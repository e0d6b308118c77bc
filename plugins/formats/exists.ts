/**
 * Tells whether a file or folder exists.
 *
 * @param path of a file or folder
 * @returns false where nothing exists at the path
 * @throws any other error of the lookup, such as a missing permission
 */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
