import { show } from "../../core/registry/option_errors.ts";
import { own } from "../../core/registry/own.ts";
import { type SourceHashes, sourceHashes } from "./source_hashes.ts";

/** What has to be equal in every process of a run, lest they compute different runs; plain JSON. */
export interface Job {
  /** The resolved recipe, seed and all. */
  readonly recipe: unknown;
  /** Hashes of source files. */
  readonly sources: SourceHashes;
  /** Version of Deno. */
  readonly deno: string;
  /** What else has to be. */
  readonly rest?: unknown;
}

/** Where two values stand, in words: `on rank 0`, `there`. */
export interface Places {
  /** The one's. */
  readonly first: string;
  /** The other's. */
  readonly other: string;
}

/**
 * Describes what this process is to compute.
 *
 * @param recipe resolved
 * @param modules URLs of modules that export plugins
 * @param rest what else has to be equal
 * @returns with hashes of every source file
 */
export async function makeJob(
  recipe: unknown,
  modules: readonly string[],
  rest?: unknown,
): Promise<Job> {
  const sources = await sourceHashes(modules);
  return { recipe, sources, deno: Deno.version.deno, ...rest !== undefined && { rest } };
}

/**
 * Finds where two JSON values first differ.
 *
 * @param a of one process
 * @param b of another
 * @param places whose they are
 * @param path of both in what they are part of
 * @returns such as `seed is 1 on rank 0 and 2 there`; nothing where they are equal
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { firstDifference } from "./job.ts";
 * const found = firstDifference({ stages: [{ lr: 1 }] }, { stages: [{ lr: 2 }] }, { first: "here", other: "there" });
 * assertEquals(found, "stages[0].lr is 1 here and 2 there");
 * assertEquals(firstDifference({ a: [1] }, { a: [1] }, { first: "", other: "" }), undefined);
 * ```
 */
export function firstDifference(
  a: unknown,
  b: unknown,
  places: Places,
  path = "",
): string | undefined {
  const isNode = (value: unknown) => typeof value === "object" && value !== null;
  if (!isNode(a) || !isNode(b) || Array.isArray(a) !== Array.isArray(b)) {
    if (a === b) return undefined;
    const text = (value: unknown) => value === undefined ? "absent" : show(value);
    return `${path || "it"} is ${text(a)} ${places.first} and ${text(b)} ${places.other}`;
  }
  const [left, right] = [a, b] as Record<string, unknown>[];
  const list = Array.isArray(a);
  for (const key of [...new Set([...Object.keys(left!), ...Object.keys(right!)])].sort()) {
    const below = list ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    const found = firstDifference(own(left!, key), own(right!, key), places, below);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first source file, by name, that two have different, or one of them alone. */
function firstFile(a: SourceHashes, b: SourceHashes): string | undefined {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.find((name) => own(a, name) !== own(b, name));
}

/**
 * Says how two processes' runs differ.
 *
 * @param a of one
 * @param b of another
 * @param places whose they are
 * @returns the first difference, of the version of Deno, source files, the recipe or the rest; nothing where they are equal
 */
export function jobDifference(a: Job, b: Job, places: Places): string | undefined {
  const { first, other } = places;
  if (a.deno !== b.deno) return `Deno is ${a.deno} ${first} and ${b.deno} ${other}`;
  const file = firstFile(a.sources, b.sources);
  if (file !== undefined) return `the code ${other} differs from that ${first}: ${file}`;
  const found = firstDifference(a.recipe, b.recipe, places);
  return found === undefined
    ? firstDifference(a.rest, b.rest, places)
    : `the recipe differs: ${found}`;
}
