import type { Shard } from "../../core/contracts/stage.ts";
import { userError } from "../../core/errors.ts";
import { SHARDS } from "../../core/run/run_folder.ts";
import type { Flags } from "../command_line/flags.ts";
import { isHeld } from "../shards/claim.ts";
import { describeLeft } from "../shards/describe_left.ts";
import type { ShardEnd } from "../shards/run_shard.ts";
import { shardsOf } from "../wsss/stages/image_share.ts";

/**
 * Refuses flags that do not go with `--shard`.
 *
 * @param given on the command line
 * @throws {TypeError} naming the first, and what to do
 */
export function refuseWith(given: Flags): void {
  const refuse = (flag: string, why: string) =>
    userError(new TypeError(`Cannot run --shard with --${flag}: ${why}`));
  if (given.text("from") !== undefined) {
    throw refuse(
      "from",
      "each shard would begin the stage again; choose stages with --until or --only",
    );
  }
  if (given.on("dry-run")) {
    throw refuse("dry-run", "it says what the whole run will take; leave out --shard");
  }
  if (given.on("profile") || given.text("profile-steps") !== undefined) {
    throw refuse("profile", "profile a run without --shard");
  }
}

/**
 * Refuses a whole run beside shards on other machines, which a lock may not tell of.
 *
 * @param folder the run folder
 * @throws {Deno.errors.Busy} naming the shard that is at work
 */
export async function refuseBesideShards(folder: string): Promise<void> {
  const shards = `${folder}/${SHARDS}`;
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(shards)) names.push(name);
  } catch {
    // None: what else may be wrong with the folder is found when it is opened.
    return;
  }
  for (const name of names.filter((name) => name.endsWith(".claim")).sort()) {
    if (!await isHeld(`${shards}/${name}`)) continue;
    const [, number, of] = /^(\d+)-of-(\d+)\.claim$/.exec(name) ?? [];
    const what = number === undefined ? "a shard" : `shard ${number}/${of}`;
    throw userError(
      new Deno.errors.Busy(
        `Cannot use the run folder ${folder}: ${what} works in it; wait until the shards end`,
      ),
    );
  }
}

/**
 * Says how a shard ended.
 *
 * @param end how
 * @param shard which
 * @returns lines for a person
 */
export function shardLines(end: ShardEnd, { number, of }: Shard): readonly string[] {
  const done = `shard ${number}/${of} is done`;
  if (end === "finished") return ["every stage that was asked for is finished"];
  if (end === "finishing") return [`${done}; another shard is finishing the stages`];
  return end.left.filter(({ images }) => images > 0).map((left) =>
    `${done}; ${describeLeft(left, shardsOf(left.indices, of, left.total), of)}`
  );
}
