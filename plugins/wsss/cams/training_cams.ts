import * as z from "zod";
import type { WriteFile } from "../../../core/contracts/write_file.ts";
import { messageOf, userError } from "../../../core/errors.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import { readStored } from "../../formats/stored_files.ts";

/** Folder, within a training's, of the CAMs that it stores while it goes on. */
const FOLDER = "cams";

/** File that tells which there are, written last. */
const LIST = `${FOLDER}/cams.json`;

const count = z.int().min(0);

const listed = z.strictObject({
  split: z.string(),
  dataset: z.looseObject({ use: z.string() }),
  base: z.string(),
  classes: z.array(z.string()),
  output: z.string(),
  images: z.array(z.strictObject({ index: count, name: z.string() })),
  steps: z.array(count),
});

/** CAMs of a few images that a network gave while it was trained. */
export interface TrainingCams {
  /** Split of the data set that the images are of. */
  readonly split: string;
  /** The data set, as the recipe names it. */
  readonly dataset: Use<"dataset">;
  /** Folder that relative paths start from. */
  readonly base: string;
  /** Foreground class names. */
  readonly classes: readonly string[];
  /** Head output that gave them. */
  readonly output: string;
  /** The same every time: position in the split, from 0, and name. */
  readonly images: readonly { readonly index: number; readonly name: string }[];
  /** Optimizer steps whose CAMs are there: the first that were stored, and the newest. */
  readonly steps: readonly number[];
}

/**
 * The folder of the CAMs of one step, in which each image has a file as `writeCams` leaves it.
 *
 * @param folder of the training's stage
 * @param step optimizer steps done
 * @returns the path
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { trainingCamsFolder } from "seamstress/wsss";
 * assertEquals(trainingCamsFolder("stages/seam", 200), "stages/seam/cams/step-200");
 * ```
 */
export function trainingCamsFolder(folder: string, step: number): string {
  return `${folder}/${FOLDER}/step-${step}`;
}

/**
 * Reads which CAMs a training has stored.
 *
 * @param folder of the training's stage
 * @returns nothing where it has stored none
 * @throws {SyntaxError} naming the file where it is broken
 */
export async function readTrainingCams(folder: string): Promise<TrainingCams | undefined> {
  const path = `${folder}/${LIST}`;
  let bytes;
  try {
    bytes = await readStored(path, "read the list of CAMs in");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    return listed.parse(JSON.parse(new TextDecoder().decode(bytes))) as TrainingCams;
  } catch (error) {
    throw userError(
      new SyntaxError(`Cannot read the list of CAMs in ${path}: ${messageOf(error)}`),
    );
  }
}

/**
 * Writes which CAMs a training has stored, and removes those that the list does not name, but for the ones before the newest: who has read
 * the list before still finds them.
 *
 * @param folder of the training's stage
 * @param cams the list; the files that it names are there
 * @param write writes the file: a stage's `context.write`
 */
export async function writeTrainingCams(
  folder: string,
  cams: TrainingCams,
  write: WriteFile,
): Promise<void> {
  await write(`${folder}/${LIST}`, JSON.stringify(cams));
  const stored: number[] = [];
  for await (const { name } of Deno.readDir(`${folder}/${FOLDER}`)) {
    const [, step] = /^step-(\d+)$/.exec(name) ?? [];
    if (step !== undefined) stored.push(Number(step));
  }
  const newest = Math.max(...cams.steps);
  const before = Math.max(...stored.filter((step) => step < newest));
  for (const step of stored) {
    if (step === before || cams.steps.includes(step)) continue;
    await Deno.remove(trainingCamsFolder(folder, step), { recursive: true });
  }
}
