import { assert } from "@std/assert";
import { seamstress } from "./command.ts";

/**
 * Names of the files in a folder that are whole.
 *
 * @param folder which may not exist yet
 * @returns sorted names
 */
export async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name).filter((name) => !name.endsWith(".tmp")).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * Runs a recipe until a stage has written some masks, then kills it.
 *
 * @param masks how many
 * @param stage id of the stage
 * @param args of the command line
 * @param run the run folder
 */
export async function killAfter(
  masks: number,
  stage: string,
  args: readonly string[],
  run: string,
): Promise<void> {
  const child = seamstress(args).spawn();
  const drained = Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
  let over = false;
  const ended = child.status.then(() => over = true);
  while (!over && (await filesIn(`${run}/stages/${stage}/masks`)).length < masks) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert(!over, `the run ended before stage ${stage} could be killed`);
  child.kill("SIGKILL");
  await Promise.all([ended, drained]);
}
