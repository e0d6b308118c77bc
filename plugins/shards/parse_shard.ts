import type { Shard } from "../../core/contracts/stage.ts";
import { show } from "../../core/registry/option_errors.ts";
import { userError } from "../../core/errors.ts";

/** Shards that a run can have. */
const MOST = 100_000;

/**
 * Reads `--shard`.
 *
 * @param text such as `3/16`
 * @returns the third of 16 shards
 * @throws {RangeError} where it is anything else
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseShard } from "./parse_shard.ts";
 * assertEquals(parseShard("3/16"), { number: 3, of: 16 });
 * ```
 */
export function parseShard(text: string): Shard {
  const [, number, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (number !== undefined && of !== undefined && number >= 1 && number <= of && of <= MOST) {
    return { number, of };
  }
  throw userError(
    new RangeError(
      `Cannot run --shard ${
        show(text)
      }: it is NUMBER/COUNT, from 1/COUNT to COUNT/COUNT, such as 3/16`,
    ),
  );
}

/**
 * Names a shard.
 *
 * @param shard one of several
 * @returns such as `3/16`
 */
export function shardName({ number, of }: Shard): string {
  return `${number}/${of}`;
}
