/** A file of the project: its path and its lines. */
export interface Source {
  readonly path: string;
  readonly lines: readonly string[];
}

/** Public types that name one of a package (tfjs, zod), which users have from there. */
const PRIVATE = /public type '(.+)' references private type '(.+)'/;

/**
 * Reads what `deno doc --lint` says and leaves out what is no fault of documentation here:
 *
 * - types of packages, which Deno counts as private: their declarations stand in no file of the project;
 * - symbols that exist for the compiler alone (`declare const kind: unique symbol`);
 * - types of zod schemas that are inferred, which is what lets the compiler check recipes.
 *
 * @param said the lint's output, without colours
 * @param sources every file that the entries may export from
 * @returns a line for each fault: an export without a word of explanation, or a type of ours that an export names and no entry exports
 */
export function docFaults(said: string, sources: readonly Source[]): string[] {
  const faults: string[] = [];
  for (const block of said.split(/^error\[/m).slice(1)) {
    const [, kind] = block.match(/^([\w-]+)\]/)!;
    const place = block.match(/--> (\S+)/)?.[1];
    if (kind === "missing-jsdoc") faults.push(`${place}: not documented`);
    if (kind === "private-type-ref") {
      const [, of, name] = block.match(PRIVATE)!;
      const [, number, line] = block.split("= hint")[1]!.match(/^ *(\d+) \| (.*)$/m)!;
      const own = sources.some(({ lines }) => lines[Number(number) - 1] === line);
      if (own && !/^declare const \w+: unique symbol;$/.test(line!)) {
        faults.push(`${place}: ${of} names ${name}, which no entry exports`);
      }
    }
  }
  return faults;
}
