import { assertEquals } from "@std/assert";
import { type Group, SINGLE } from "../../../../core/contracts/group.ts";
import { joinObservers } from "../../../../core/run/observers.ts";
import { ImageShare } from "../../../../plugins/wsss/stages/image_share.ts";

/** What a rank of a group is told to do, and tells: images 2 to 6 of 7 are to do. */
async function shareOf(group: Group): Promise<{ indices: readonly number[]; told: number[] }> {
  const told: number[] = [];
  const observers = joinObservers([{ progress: ({ done }) => void told.push(done) }]);
  const context = { id: "cams", group, observers };
  const share = await ImageShare.open(context, 7, () => Promise.resolve([2, 3, 4, 5, 6]));
  for (const _ of share.indices) await share.finish();
  await share.end();
  return { indices: share.indices, told };
}

Deno.test("one rank has all images that are to do, and tells each", async () => {
  assertEquals(await shareOf(SINGLE), { indices: [2, 3, 4, 5, 6], told: [2, 3, 4, 5, 6, 7] });
});

Deno.test("ranks have consecutive images; without a tally the others are taken to be as far", async () => {
  // Each hears what rank 0 found.
  const broadcast = <T>() => Promise.resolve([2, 3, 4, 5, 6] as T);
  const group = (rank: number) => ({ ...SINGLE, rank, size: 2, broadcast });
  const shares = [await shareOf(group(0)), await shareOf(group(1))];
  assertEquals(shares, [
    { indices: [2, 3], told: [2, 4, 6, 7] },
    { indices: [4, 5, 6], told: [2, 4, 6, 7, 7] },
  ]);
});

Deno.test("ranks that tally tell what all have finished", async () => {
  const broadcast = <T>() => Promise.resolve([2, 3, 4, 5, 6] as T);
  const group = { ...SINGLE, size: 2, broadcast, tally: (done: number) => done + 1 };
  assertEquals((await shareOf(group)).told, [2, 4, 5, 7]);
});
