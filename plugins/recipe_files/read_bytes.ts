import { userError } from "../../core/errors.ts";

/** The most bytes that a recipe may have; the longest shipped one has 6,000. */
export const RECIPE_BYTES = 4_000_000;

/**
 * Reads a recipe's bytes, at most as many as a recipe may have: the file may be an archive or a device.
 *
 * @param file its path
 * @returns its bytes
 * @throws {RangeError} where it is longer than {@linkcode RECIPE_BYTES}
 * @throws {Deno.errors.NotFound} and what else the operating system says
 */
export async function readRecipeBytes(file: string): Promise<Uint8Array> {
  using open = await Deno.open(file);
  const all = new Uint8Array(RECIPE_BYTES + 1);
  let length = 0;
  for (;;) {
    const read = await open.read(all.subarray(length));
    if (read === null) return all.slice(0, length);
    length += read;
    if (length > RECIPE_BYTES) {
      throw userError(
        new RangeError(
          `Cannot read recipe ${file}: it has more than ${RECIPE_BYTES} bytes; is it a recipe?`,
        ),
      );
    }
  }
}
