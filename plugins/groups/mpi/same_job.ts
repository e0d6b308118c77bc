import {
  type Group,
  hashJson,
  jobDifference,
  type JoinOptions,
  makeJob,
  userError,
} from "seamstress";

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
  const job = await makeJob(recipe, modules);
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
          jobDifference(jobs[0]!, jobs[rank]!, { first: "on rank 0", other: "there" })
        }; every rank needs the same command line, recipe and code, ` +
        "such as from a file system that all machines share",
    ),
  );
}
