/**
 * Tells whether there is something at a path.
 *
 * @param path of a file or folder
 * @returns false where there is nothing
 * @throws whatever else keeps it from being seen
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
