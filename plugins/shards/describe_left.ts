import type { Left } from "./run_shares.ts";

/**
 * Says what shards are still to do.
 *
 * @param left of a stage
 * @param numbers of the shards that have to
 * @param of how many there are
 * @returns such as `stage cams: shards 2 and 5 of 16 are still to come: 41 of 980 images`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeLeft } from "./describe_left.ts";
 * const left = { stage: "cams", images: 41, total: 980, indices: [] };
 * assertEquals(
 *   describeLeft(left, [2, 5], 16),
 *   "stage cams: shards 2 and 5 of 16 are still to come: 41 of 980 images",
 * );
 * assertEquals(
 *   describeLeft(left, [2, 3, 4, 7], 16),
 *   "stage cams: shards 2 to 4 and 7 of 16 are still to come: 41 of 980 images",
 * );
 * ```
 */
export function describeLeft(
  { stage, images, total }: Left,
  numbers: readonly number[],
  of: number,
): string {
  const spans: [number, number][] = [];
  for (const number of numbers) {
    const last = spans.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else spans.push([number, number]);
  }
  const words = spans.flatMap(([first, last]) =>
    last - first > 1
      ? [`${first} to ${last}`]
      : first === last
      ? [`${first}`]
      : [`${first}`, `${last}`]
  );
  const list = words.length > 1
    ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`
    : `${words[0]}`;
  const plural = numbers.length > 1 ? "shards" : "shard";
  const are = numbers.length > 1 ? "are" : "is";
  return `stage ${stage}: ${plural} ${list} of ${of} ${are} still to come: ${images} of ${total} images`;
}
