import * as z from "zod";
import type { Broken } from "seamstress";

/** Option of the readers of PyTorch's state dicts. */
export const prefixesOption = z.array(z.string().min(1)).default([]).describe(
  "Beginnings that names lose, each where it stands: backbone. for networks that the SEAM authors retrained, module. for those of " +
    "DataParallel",
);

/**
 * Takes the beginnings off a state dict's names that a wrapping module put there, such as `backbone.`. Names that do not begin
 * so stay:
 * a mismatch is reported where they are compared with the network's names.
 *
 * @param names of the state dict
 * @param prefixes to be taken off, each once, in this order
 * @param broken makes the error where the names do not allow it
 * @returns name → shorter name
 * @throws {SyntaxError} where two become one
 */
export function withoutPrefixes(
  names: readonly string[],
  prefixes: readonly string[],
  broken: Broken,
): ReadonlyMap<string, string> {
  const short = new Map(names.map((name) => [name, name]));
  for (const prefix of prefixes) {
    for (const [name, now] of short) {
      if (now.startsWith(prefix)) short.set(name, now.slice(prefix.length));
    }
  }
  const seen = new Map<string, string>();
  for (const [name, now] of short) {
    const twin = seen.get(now);
    if (twin !== undefined) {
      throw broken(`without ${prefixes.join(", ")} "${twin}" and "${name}" both are "${now}"`);
    }
    seen.set(now, name);
  }
  return short;
}

/**
 * Gives entries of a state dict their shorter names.
 *
 * @param by name → entry
 * @param names of {@linkcode withoutPrefixes}
 * @returns shorter name → entry, in the same order
 */
export function renamed<T>(
  by: ReadonlyMap<string, T>,
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, T> {
  return new Map([...by].map(([name, value]) => [names.get(name) ?? name, value]));
}
