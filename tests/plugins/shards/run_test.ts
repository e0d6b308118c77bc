import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { RunFolder } from "../../../core/run/run_folder.ts";
import { Claim } from "../../../plugins/shards/claim.ts";
import { inTempFolder, seamstress } from "../../command.ts";
import { compareStages, copyFolder } from "../../folders.ts";
import { loggedEvents } from "../../logged.ts";
import { argsOf, firstFile, shard, shardBeside, train } from "./setup.ts";

/** How often a run's log says that a stage was finished. */
async function timesFinished(run: string, stage: string): Promise<number> {
  return (await loggedEvents(run)).filter((event) =>
    event.stage === stage && event.state === "finished"
  ).length;
}

Deno.test("shards in sequence and at once leave what one run leaves, file by file", async () => {
  await inTempFolder(async (folder) => {
    await train(folder);
    await copyFolder(`${folder}/trained`, `${folder}/whole`);
    const whole = await shard(folder, "whole", ["--resume"]);
    assertEquals(whole.code, 0, whole.err);
    await copyFolder(`${folder}/trained`, `${folder}/run`);
    const run = `${folder}/run`;
    // In sequence, one of them on two threads; a file is damaged before it is used.
    const cams = ["--only", "cams,score", "--shard"];
    const first = await shard(folder, "run", [
      ...cams,
      "1/3",
      "--group=workers",
      "--set=group.count=2",
    ]);
    assertEquals(first.code, 0, first.err);
    assertStringIncludes(
      first.err,
      "shard 1/3 is done; stage cams: shards 2 and 3 of 3 are still to come: 7 of 10 images",
    );
    const [damaged] = await Array.fromAsync(Deno.readDir(`${run}/stages/cams/cams`));
    await Deno.writeTextFile(`${run}/stages/cams/cams/${damaged!.name}`, "damaged");
    const third = await shard(folder, "run", [...cams, "3/3"]);
    assertStringIncludes(third.err, "stage cams: shard 2 of 3 is still to come: 3 of 10 images");
    // Nothing is written again by a shard that is done.
    const before = await Deno.stat(`${run}/stages/cams/files.3-of-3.jsonl`);
    await shard(folder, "run", [...cams, "3/3"]);
    assertEquals((await Deno.stat(`${run}/stages/cams/files.3-of-3.jsonl`)).size, before.size);
    const last = await shard(folder, "run", [...cams, "2/3"]);
    assertEquals(last.err.trim(), "every stage that was asked for is finished");
    assertEquals(await timesFinished(run, "cams"), 1);
    assertEquals(await timesFinished(run, "score"), 1);
    // At once.
    const all = ["1/3", "2/3", "3/3"];
    const ends = await Promise.all(
      all.map((name) => shardBeside(folder, "run", ["--only", "la,ha", "--shard", name])),
    );
    assertEquals(ends.map(({ code }) => code), [0, 0, 0], ends.map(({ err }) => err).join("\n"));
    assertEquals(await timesFinished(run, "la"), 1);
    assertEquals(await timesFinished(run, "ha"), 1);
    for (const name of ["1/2", "2/2"]) {
      await shard(folder, "run", ["--resume", "--only", "labels", "--shard", name]);
    }
    await compareStages(run, `${folder}/whole`);
    const names = (await Array.fromAsync(Deno.readDir(`${run}/shards`))).map(({ name }) => name);
    assertEquals(names.filter((name) => !/^\d-of-\d$/.test(name)), []);
    assert((await Deno.stat(`${run}/report.html`)).isFile);
  });
});

Deno.test("a shard that is stopped says how to go on", async () => {
  await inTempFolder(async (folder) => {
    await train(folder);
    const cams = ["--only=cams", "--set=cams.split=train[0:24]", "--set=cams.scales=[1,2,3]"];
    const child = seamstress(argsOf(folder, "trained", [...cams, "--shard", "1/2"])).spawn();
    const output = child.output();
    await firstFile(`${folder}/trained/stages/cams/cams`);
    child.kill("SIGINT");
    const { code, stderr } = await output;
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 130, said);
    assertMatch(said, /Stopped stage cams after \d+ of the 12 images of shard 1\/2; go on with/);
    assertMatch(said, /--resume --shard 1\/2 --only cams/);
  });
});

Deno.test("shards refuse what they cannot do, and say what to do", async () => {
  await inTempFolder(async (folder) => {
    await train(folder);
    const run = `${folder}/trained`;
    const refused = async (more: readonly string[], message: string) => {
      const { code, err } = await shard(folder, "trained", more);
      assertEquals(code, 1, err);
      assertStringIncludes(err.replaceAll(run, "RUN"), message);
    };
    for (const name of ["0/4", "5/4", "3", "a/b"]) {
      await refused(
        ["--only=cams", `--shard=${name}`],
        `Cannot run --shard "${name}": it is NUMBER/COUNT`,
      );
    }
    await refused(
      ["--only=cams", "--shard=1/4", "--group=mpi"],
      "Cannot run --shard 1/4 with group mpi: its ranks share the images already",
    );
    await refused(["--from=cams", "--shard=1/4"], "Cannot run --shard with --from");
    await refused(
      ["--shard=1/4"],
      "Cannot run stage la with --shard 1/4: it reads stage cams, which is not finished; " +
        "run all shards with --until cams first, then all of them again with --only la",
    );
    await refused(
      ["--shard=1/4", "--set=seam.epochs=2"],
      "Cannot run stage seam with --shard 1/4: train cannot be shared by processes that know nothing of each other; " +
        "run it first, without --shard and with --until seam",
    );
    assertEquals((await shard(folder, "trained", ["--only=cams", "--shard=1/4"])).code, 0);
    await refused(
      ["--only=cams", "--shard=2/4", "--set=cams.flip=false"],
      "Cannot join the shards of this run: the recipe differs: stages[1].flip is true in a shard that began before and false here",
    );
    // The stage that it reads is the same: the backend is part of its fingerprint, too.
    await refused(
      ["--only=cams", "--shard=2/4", "--set=seed=4"],
      "Cannot run stage cams: it reads stage seam",
    );
    {
      await using _ = await Claim.take(`${run}/shards/2-of-4.claim`);
      await refused(
        ["--only=cams", "--shard=2/4"],
        "Cannot run shard 2/4 in RUN: another process does that shard",
      );
      await refused(
        ["--resume", "--only=cams"],
        "Cannot use the run folder RUN: shard 2/4 works in it",
      );
    }
    {
      await using _ = await RunFolder.open(run, { resume: true, sharing: "beside" });
      await refused(
        ["--resume", "--only=cams"],
        `Cannot use the run folder RUN: process ${Deno.pid} works in it`,
      );
    }
    {
      await using _ = await RunFolder.open(run, { resume: true });
      await refused(
        ["--only=cams", "--shard=2/4"],
        `Cannot use the run folder RUN: process ${Deno.pid} works in it`,
      );
    }
    // One run takes what shards began.
    assertEquals((await shard(folder, "trained", ["--resume", "--only=cams"])).code, 0);
    const left = await shard(folder, "trained", ["--only=cams", "--shard=2/4"]);
    assertEquals(left.err.trim(), "every stage that was asked for is finished");
  });
});
