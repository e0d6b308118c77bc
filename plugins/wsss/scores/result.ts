import * as z from "zod";
import type { Table } from "../../../core/contracts/metric.ts";
import { messageOf, userError } from "../../../core/errors.ts";
import { readStored } from "../../formats/stored_files.ts";

/** File of a result within its stage's folder. */
export const RESULT = "table.json";

const name = z.string();

const threshold = z.object({
  value: z.number(),
  how: z.enum(["fixed", "chosen", "oracle"]),
  on: z.object({ stage: name, split: name, images: z.number(), shared: z.number() })
    .exactOptional(),
});

const table = z.object({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number()]))),
  summary: z.record(z.string(), z.number()),
  note: z.string(),
  absent: z.array(z.string()).exactOptional(),
  threshold: threshold.exactOptional(),
  curves: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))).exactOptional(),
});

const result = z.object({
  table,
  about: z.object({
    stage: name.describe("The evaluation itself"),
    from: name.describe("Stage, or folder, that the predictions come from"),
    checkpoint: name.describe(
      "Stage that trained the network; else where the predictions come from",
    ),
    output: name.describe("Head output that gave the CAMs; else the same as checkpoint"),
    split: name.describe("Split that was scored"),
    images: z.number(),
    maskScale: z.number(),
  }),
});

/** A table and what it was measured on. */
export interface Result {
  /** The scores. */
  readonly table: Table;
  /** What was scored, and how. */
  readonly about: {
    /** The evaluation itself. */
    readonly stage: string;
    /** Stage, or folder, that the predictions come from. */
    readonly from: string;
    /** Stage that trained the network; else where the predictions come from. */
    readonly checkpoint: string;
    /** Head output that gave the CAMs; else the same as `checkpoint`. */
    readonly output: string;
    /** Split that was scored. */
    readonly split: string;
    /** Images scored. */
    readonly images: number;
    /** Evaluated size over the mask's. */
    readonly maskScale: number;
  };
}

/**
 * Names what was scored.
 *
 * @param about what a result says
 * @returns such as `cam_rv of seam`; one name where predictions come from elsewhere
 */
export function scoredName({ checkpoint, output }: Result["about"]): string {
  return checkpoint === output ? output : `${output} of ${checkpoint}`;
}

/**
 * Reads the result of an evaluation.
 *
 * @param folder of its stage
 * @returns the table and what it was measured on
 * @throws {SyntaxError} naming the file where it is broken
 */
export async function readResult(folder: string): Promise<Result> {
  const path = `${folder}/${RESULT}`;
  const text = new TextDecoder().decode(await readStored(path, "read the table in"));
  try {
    return result.parse(JSON.parse(text));
  } catch (error) {
    throw userError(new SyntaxError(`Cannot read the table in ${path}: ${messageOf(error)}`));
  }
}
