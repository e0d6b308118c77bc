import { assert, assertEquals, assertRejects } from "@std/assert";
import { RunFolder } from "../../../core/run/run_folder.ts";
import { Claim, isHeld } from "../../../plugins/shards/claim.ts";
import { inTempFolder } from "../../command.ts";

/** Milliseconds between signs of life. */
const BEAT = 40;

/** As on a file system that keeps no locks, or whose locks other machines do not see. */
async function withLocks(tryLock: () => Promise<boolean>, fn: () => Promise<void>): Promise<void> {
  const original = Deno.FsFile.prototype.tryLock;
  Deno.FsFile.prototype.tryLock = tryLock;
  try {
    await fn();
  } finally {
    Deno.FsFile.prototype.tryLock = original;
  }
}

const without = [
  ["no locks", () => Promise.reject(new Error("No locks available"))],
  ["locks that other machines do not see", () => Promise.resolve(true)],
] as const;

for (const [what, tryLock] of without) {
  Deno.test(`claims: with ${what}, the living keeps its claim and the dead one's is taken`, async () => {
    await inTempFolder((folder) =>
      withLocks(tryLock, async () => {
        const path = `${folder}/finish.claim`;
        {
          await using claim = await Claim.take(path, { beat: BEAT });
          assert(claim);
          assertEquals(await Claim.take(path, { beat: BEAT }), undefined);
          assertEquals(await claim.isLost(), false);
        }
        assertEquals(await isHeld(path, { beat: BEAT }), false);
        // Left by a process that was killed.
        await Deno.writeTextFile(path, "");
        let waited = 0;
        await using claim = await Claim.take(path, { beat: BEAT, waiting: (ms) => waited = ms });
        assert(claim);
        assertEquals(waited, 5 * BEAT);
      })
    );
  });
}

Deno.test("claims: of many that take one at a time, exactly one has it", async () => {
  await inTempFolder(async (folder) => {
    for (let round = 0; round < 5; round++) {
      const path = `${folder}/${round}`;
      const taken = await Promise.all(
        Array.from({ length: 8 }, () => Claim.take(path, { beat: BEAT })),
      );
      const claims = taken.filter((claim) => claim !== undefined);
      assertEquals(claims.length, 1);
      await claims[0]![Symbol.asyncDispose]();
      assertEquals(await isHeld(path, { beat: BEAT }), false);
    }
  });
});

Deno.test("claims: one that was taken over is known to be lost, and its new holder's is left", async () => {
  await inTempFolder(async (folder) => {
    const path = `${folder}/1-of-2.claim`;
    const claim = (await Claim.take(path, { beat: BEAT }))!;
    await Deno.rename(path, `${folder}/gone`);
    await using other = await Claim.take(path, { beat: BEAT });
    assertEquals([await claim.isLost(), await other?.isLost()], [true, false]);
    await claim[Symbol.asyncDispose]();
    assertEquals(await other?.isLost(), false);
  });
});

Deno.test("claims: where there are no locks, shards work in a run folder and a run without shards says why not", async () => {
  await inTempFolder((folder) =>
    withLocks(without[0][1], async () => {
      for (const sharing of ["beside", "beside", "last"] as const) {
        await using run = await RunFolder.open(`${folder}/run`, { resume: false, sharing });
        await run.writeRecipe({});
        await run.checkLock();
      }
      await assertRejects(
        () => RunFolder.open(`${folder}/run`, { resume: true }),
        Error,
        "its file system keeps no locks (No locks available)",
      );
    })
  );
});
