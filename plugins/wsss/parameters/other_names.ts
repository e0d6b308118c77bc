import { cut } from "../../../core/errors.ts";
import { nearest } from "../../../core/registry/suggest.ts";

/** Names that a message gives of each side. */
const SHOWN = 3;

/** Missing names that are compared with those of the file. */
const COMPARED = 8;

/** Longest part of a name that a message shows, in characters. */
const MAX_SHOWN = 200;

/** Fewer parameters than these are compared name by name before they are called another network's. */
const SMALL = 8;

/** Longest name that is looked at for a prefix, in characters. */
const MAX_NAME = 512;

/**
 * Says which prefix the names in a file have that the network's have not.
 *
 * @param missing parameters that the file lacks
 * @param strangers names in the file that the network does not know
 * @param how the recipe's options for weights
 * @returns the problem and what to do; undefined where no prefix gives half of the missing names
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { prefixed } from "./other_names.ts";
 * const problem = prefixed(["fc8.weight"], ["module.fc8.weight"], { options: ["prefixes"] });
 * assertStringIncludes(problem!, "prefixes: [module.]");
 * ```
 */
export function prefixed(
  missing: readonly string[],
  strangers: readonly string[],
  { options = [] }: { readonly options?: readonly string[] },
): string | undefined {
  const wanted = new Set(missing);
  const counts = new Map<string, number>();
  for (const name of strangers) {
    if (name.length > MAX_NAME) continue;
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      if (!wanted.has(name.slice(dot + 1))) continue;
      const prefix = name.slice(0, dot + 1);
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  if (best === undefined || 2 * best[1] < missing.length) return undefined;
  const [prefix, count] = best;
  const cause = prefix === "module." ? ", which DataParallel puts there" : "";
  const cure = options.includes("prefixes")
    ? `; option prefixes takes it off: prefixes: [${prefix}]`
    : "; take it off in Python and save the state dict anew";
  return `${count} of the ${missing.length} parameters that it lacks are in it under names that begin with "${prefix}"${cause}${cure}`;
}

/**
 * Says that the weights are of another network, where hardly a name is the same.
 *
 * @param known all parameters of the network
 * @param missing those that the file lacks and may not lack
 * @param strangers names in the file that the network does not know
 * @returns the problem; undefined where the names are much the same
 */
export function otherNetwork(
  known: readonly string[],
  missing: readonly string[],
  strangers: readonly string[],
): string | undefined {
  if (strangers.length === 0 || 5 * missing.length <= 4 * known.length) return undefined;
  const compared = missing.slice(0, COMPARED);
  const near = compared.filter((name) => nearest(name, strangers) !== undefined).length;
  if (known.length < SMALL && 2 * near >= compared.length) return undefined;
  return `these are the weights of another network: of the network's ${known.length} parameters the file lacks ` +
    `${missing.length}; the network has ${first(missing)}, the file ${first(strangers)}`;
}

function first(names: readonly string[]): string {
  return names.slice(0, SHOWN).map((name) => cut(name, MAX_SHOWN)).join(", ") +
    (names.length > SHOWN ? ", …" : "");
}
