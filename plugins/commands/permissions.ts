import { userError } from "../../core/errors.ts";

/**
 * Fails where this process may not write to a run folder: tasks may write below runs/ only. Better said now than after a training.
 *
 * @param folder absolute
 * @throws {Deno.errors.NotCapable} with what to do
 */
export async function needWriteAccess(folder: string): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "write", path: folder });
  if (state === "granted") return;
  throw userError(
    new Deno.errors.NotCapable(
      `Cannot write to ${folder}: tasks may write below runs/ only; choose --out runs/NAME, or run\n` +
        `  deno run --allow-read --allow-write=${folder} cli.ts run RECIPE --out ${folder}`,
    ),
  );
}

/**
 * Reads an environment variable that a recipe names. Tasks may read those of the shipped recipes; Deno asks for others in a terminal,
 * and refuses elsewhere.
 *
 * @param name the variable's
 * @returns its value; undefined where it is not set
 * @throws {Deno.errors.NotCapable} with what to do
 */
export function readEnvironment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw userError(
      new Deno.errors.NotCapable(
        `Cannot read the environment variable ${name}, which the recipe names: allow it with\n` +
          `  deno run --allow-read --allow-write=runs --allow-env=${name} cli.ts run RECIPE\n` +
          "or give what stands there with --set",
      ),
    );
  }
}
