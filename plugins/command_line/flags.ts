import { parseArgs } from "@std/cli";
import { userError } from "../../core/errors.ts";
import { didYouMean } from "../../core/registry/suggest.ts";

/** Parsed arguments of a command line. */
export interface Flags {
  /** Positional arguments. */
  readonly _: readonly string[];
  /** A flag's value, where it was given. Throws a TypeError where it is empty and may not be. */
  readonly text: (name: string) => string | undefined;
  /** Values of a flag that may be given several times. */
  readonly list: (name: string) => readonly string[];
  /** Whether a flag without a value was given. */
  readonly on: (name: string) => boolean;
}

/** Writes `--name ""` as `--name=`: the parser takes an empty value after a space for an argument of its own. */
function joinEmpty(args: readonly string[], names: readonly string[]): string[] {
  const isName = (arg = "") => arg.startsWith("--") && names.includes(arg.slice(2));
  return args.flatMap((arg, i) => {
    if (arg === "" && isName(args[i - 1])) return [];
    return isName(arg) && args[i + 1] === "" ? `${arg}=` : arg;
  });
}

/**
 * Reads the arguments of a command.
 *
 * @param args as the process got them
 * @param known names of flags: with a value, with one that may be empty (for who reads it to refuse), with any number of values,
 *   without one
 * @returns what was given
 * @throws {RangeError} where a flag is unknown, with the nearest
 * @throws {TypeError} where a value is missing
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { flags } from "seamstress";
 * const given = flags(["a.yaml", "--set", "x=1", "--resume"], { list: ["set"], on: ["resume"] });
 * assertEquals([given._, given.list("set"), given.on("resume")], [["a.yaml"], ["x=1"], true]);
 * ```
 */
export function flags(
  args: readonly string[],
  known: { text?: string[]; emptyText?: string[]; list?: string[]; on?: string[] },
): Flags {
  const emptyText = known.emptyText ?? [];
  const texts = [...known.text ?? [], ...emptyText, ...known.list ?? []];
  const names = [...texts, ...known.on ?? []];
  const parsed = parseArgs(joinEmpty(args, texts), {
    string: ["_", ...texts],
    collect: known.list ?? [],
    boolean: known.on ?? [],
    unknown(arg, key) {
      if (key === undefined) return true;
      throw userError(
        new RangeError(
          `Cannot read option ${arg}${didYouMean(key, names)}; valid: ${
            names.map((name) => `--${name}`).join(", ")
          }`,
        ),
      );
    },
  });
  const text = (name: string) => {
    const value = parsed[name];
    if (value === "" && !emptyText.includes(name)) {
      throw userError(new TypeError(`Cannot read option --${name}: it needs a value`));
    }
    return value === undefined ? undefined : String(value);
  };
  return {
    _: parsed._.map(String),
    text,
    list: (name) => (parsed[name] as string[] | undefined) ?? [],
    on: (name) => parsed[name] === true,
  };
}
