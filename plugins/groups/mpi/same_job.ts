import { type Group, hashJson, type JoinOptions, show, userError } from "seamstress";
import { type SourceHashes, sourceHashes } from "./source_hashes.ts";

/** What has to be equal on every rank, lest they compute different runs. */
export interface Job {
  /** The resolved recipe, seed and all. */
  readonly recipe: unknown;
  readonly sources: SourceHashes;
  /** Version of Deno. */
  readonly deno: string;
}

/**
 * Finds where two JSON values first differ.
 *
 * @param a of rank 0
 * @param b of another rank
 * @param path where they stand
 * @returns such as `seed is 1 on rank 0 and 2 there`; nothing where they are equal
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { firstDifference } from "./same_job.ts";
 * const found = firstDifference({ stages: [{ lr: 1 }] }, { stages: [{ lr: 2 }] });
 * assertEquals(found, "stages[0].lr is 1 on rank 0 and 2 there");
 * assertEquals(firstDifference({ a: [1] }, { a: [1] }), undefined);
 * ```
 */
export function firstDifference(a: unknown, b: unknown, path = ""): string | undefined {
  const isNode = (value: unknown) => typeof value === "object" && value !== null;
  if (!isNode(a) || !isNode(b) || Array.isArray(a) !== Array.isArray(b)) {
    if (a === b) return undefined;
    const text = (value: unknown) => value === undefined ? "absent" : show(value);
    return `${path || "it"} is ${text(a)} on rank 0 and ${text(b)} there`;
  }
  const [left, right] = [a, b] as Record<string, unknown>[];
  const list = Array.isArray(a);
  for (const key of [...new Set([...Object.keys(left!), ...Object.keys(right!)])].sort()) {
    const below = list ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    const found = firstDifference(own(left!, key), own(right!, key), below);
    if (found !== undefined) return found;
  }
  return undefined;
}

const own = (value: Record<string, unknown>, key: string) =>
  Object.hasOwn(value, key) ? value[key] : undefined;

/** The first source file, by name, that two ranks have different, or one of them alone. */
function firstFile(a: SourceHashes, b: SourceHashes): string | undefined {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.find((name) => own(a, name) !== own(b, name));
}

function differs(first: Job, other: Job): string {
  if (first.deno !== other.deno) {
    return `Deno is ${first.deno} on rank 0 and ${other.deno} there`;
  }
  const file = firstFile(first.sources, other.sources);
  if (file !== undefined) return `the code differs from that of rank 0: ${file}`;
  return `the recipe differs: ${firstDifference(first.recipe, other.recipe)}`;
}

/**
 * Refuses a job whose ranks have different recipes (seed and options from the command line among it), code, plugins or versions of Deno.
 *
 * @param group all ranks
 * @param host this rank's machine, for the message
 * @param options what the rank is to run
 * @throws on rank 0, naming the first rank that differs and the first difference; the others' processes end with it
 */
export async function checkSameJob(
  group: Group,
  host: string,
  { recipe, modules }: Pick<JoinOptions, "recipe" | "modules">,
): Promise<void> {
  const job: Job = { recipe, sources: await sourceHashes(modules), deno: Deno.version.deno };
  const hashes = await group.gather(await hashJson(job));
  if (hashes.every((hash) => hash === hashes[0])) return;
  // Only now, as it is long.
  const jobs = await group.gather({ host, ...job });
  const rank = hashes.findIndex((hash) => hash !== hashes[0]);
  if (group.rank > 0) return;
  throw userError(
    new Error(
      `Cannot start the MPI job: rank ${rank} of ${group.size} (${jobs[rank]!.host}): ` +
        `${
          differs(jobs[0]!, jobs[rank]!)
        }; every rank needs the same command line, recipe and code, ` +
        "such as from a file system that all machines share",
    ),
  );
}
