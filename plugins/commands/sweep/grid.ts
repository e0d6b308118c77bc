import { userError } from "../../../core/errors.ts";

/** One run of a sweep. */
export interface SweepRun {
  /** Its folder's name, such as `losses.er.weight=1_seed=0`. */
  readonly name: string;
  /** Value of each key of the grid, as it was written. */
  readonly settings: Readonly<Record<string, string>>;
  readonly seed: number;
}

/**
 * Reads seeds.
 *
 * @param text such as `0-2`, `1,5,9` or `0-2,10`
 * @returns the seeds, each once, in the order given
 * @throws {RangeError} where it is no such list
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSeeds } from "./grid.ts";
 * assertEquals(parseSeeds("0-2,10,1"), [0, 1, 2, 10]);
 * ```
 */
export function parseSeeds(text: string): readonly number[] {
  const refuse = () =>
    userError(
      new RangeError(
        `Cannot read option --seeds ${text}: expected whole numbers from 0, such as 0-2 or 1,5,9`,
      ),
    );
  const seeds = text.split(",").flatMap((part) => {
    const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first)) throw refuse();
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
  });
  return [...new Set(seeds)];
}

/** Splits at commas that stand in no brackets, braces or quotes: `1,[2,3],"4,5"`. */
function splitValues(text: string): readonly string[] {
  const values: string[] = [];
  let value = "", depth = 0, quote = "";
  for (const char of text) {
    if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === '"' || char === "'") quote = char;
    else if ("[{".includes(char)) depth++;
    else if ("]}".includes(char)) depth--;
    if (char === "," && depth === 0 && quote === "") {
      values.push(value);
      value = "";
    } else value += char;
  }
  return [...values, value].map((each) => each.trim());
}

/**
 * Reads one `--grid`.
 *
 * @param text such as `losses.er.weight=1,3`; values are YAML, those with a comma in brackets or quotes
 * @returns the key and its values
 * @throws {SyntaxError} where it has no `=`, no value or one twice
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseGrid } from "./grid.ts";
 * assertEquals(parseGrid("cams.scales=[0.5,1],[1]"), { key: "cams.scales", values: ["[0.5,1]", "[1]"] });
 * ```
 */
export function parseGrid(text: string): { key: string; values: readonly string[] } {
  const [, key, rest] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  const values = splitValues(rest ?? "");
  if (key === undefined || values.includes("") || new Set(values).size < values.length) {
    throw userError(
      new SyntaxError(
        `Cannot read option --grid ${text}: expected KEY=VALUE,VALUE,... with different values, such as losses.er.weight=1,3`,
      ),
    );
  }
  return { key, values };
}

/** A name that file systems take, and Deno's lists of paths, which are split at commas. */
const fileName = (text: string) => text.replaceAll(/[^\w.=+[\] -]/g, "_");

/**
 * Every combination of settings and seeds.
 *
 * @param grids key and values of each
 * @param seeds of each combination
 * @returns the runs: seeds change fastest, then the last key
 * @throws {RangeError} where two keys are the same, or two runs would have one name
 */
export function sweepRuns(
  grids: readonly { readonly key: string; readonly values: readonly string[] }[],
  seeds: readonly number[],
): readonly SweepRun[] {
  const keys = grids.map(({ key }) => key);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  if (twice !== undefined) {
    throw userError(
      new RangeError(`Cannot sweep --grid ${twice} twice: give all of its values at once`),
    );
  }
  const combinations = grids.reduce<readonly Readonly<Record<string, string>>[]>(
    (before, { key, values }) =>
      before.flatMap((settings) => values.map((value) => ({ ...settings, [key]: value }))),
    [{}],
  );
  const runs = combinations.flatMap((settings) =>
    seeds.map((seed) => {
      const parts = [...Object.entries(settings), ["seed", seed]].map(([k, v]) => `${k}=${v}`);
      return { name: fileName(parts.join("_")), settings, seed };
    })
  );
  const same = runs.find(({ name }, i) => runs.findIndex((run) => run.name === name) < i);
  if (same) {
    throw userError(
      new RangeError(
        `Cannot sweep: two runs would be named ${same.name}; values that differ in odd characters alone need sweeps of their own`,
      ),
    );
  }
  return runs;
}
