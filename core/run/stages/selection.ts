import { userError } from "../../errors.ts";
import { didYouMean } from "../../registry/suggest.ts";

/** Which stages of a recipe to run, by id; all by default. */
export interface Selection {
  /** Do this stage and all that depend on it again; none of those listed before it. */
  readonly from?: string | undefined;
  /** Stop after this one. */
  readonly until?: string | undefined;
  /** These alone. */
  readonly only?: readonly string[] | undefined;
}

/** Whether a selection runs one stage. */
export interface Chosen {
  /** False where the stage is left out, finished or not. */
  readonly run: boolean;
  /** True where it is done again, though nothing changed. */
  readonly again: boolean;
  /** The flag that leaves it out, for messages. */
  readonly leftOutBy?: string;
}

/** @param given the flag's whole value, for messages */
function find(flag: string, id: string, ids: readonly string[], given = id): number {
  const index = ids.indexOf(id);
  if (index >= 0) return index;
  const refuse = (what: string) =>
    userError(new RangeError(`Cannot run ${flag} ${what}; stages: ${ids.join(", ")}`));
  if (given === "") throw refuse("without a stage");
  if (id === "") throw refuse(`${given}: a stage is missing before or after a comma`);
  throw refuse(`${id}: the recipe has no such stage${didYouMean(id, ids)}`);
}

/**
 * Applies a selection to a recipe's stages.
 *
 * @param selection as the command line gave it
 * @param ids of the recipe's stages, in order
 * @returns what it says of each stage
 * @throws {RangeError} where it names a stage that does not exist, or contradicts itself
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applySelection } from "./selection.ts";
 * const chosen = applySelection({ from: "cams", until: "crf" }, ["train", "cams", "crf", "score"]);
 * assertEquals(chosen.map(({ run, again }) => [run, again]), [[false, false], [true, true], [true, false], [false, false]]);
 * ```
 */
export function applySelection(selection: Selection, ids: readonly string[]): readonly Chosen[] {
  const { from, until, only } = selection;
  if (only !== undefined) {
    if (from !== undefined || until !== undefined) {
      throw userError(
        new RangeError("Cannot run --only with --from or --until: it names every stage to run"),
      );
    }
    const given = only.join(",");
    for (const id of only) find("--only", id, ids, given);
    const leftOutBy = `--only ${given}`;
    return ids.map((id) =>
      only.includes(id) ? { run: true, again: false } : { run: false, again: false, leftOutBy }
    );
  }
  const first = from === undefined ? 0 : find("--from", from, ids);
  const last = until === undefined ? ids.length - 1 : find("--until", until, ids);
  if (first > last) {
    throw userError(
      new RangeError(
        `Cannot run --from ${from} --until ${until}: ${until} comes before ${from} in the recipe`,
      ),
    );
  }
  return ids.map((_, i) => {
    if (i < first) return { run: false, again: false, leftOutBy: `--from ${from}` };
    if (i > last) return { run: false, again: false, leftOutBy: `--until ${until}` };
    return { run: true, again: from !== undefined && i === first };
  });
}
