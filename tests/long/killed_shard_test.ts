import { assertEquals, assertMatch } from "@std/assert";
import { inTempFolder, seamstress } from "../command.ts";
import { compareStages, copyFolder } from "../folders.ts";
import { argsOf, firstFile, shard, train } from "../plugins/shards/setup.ts";

Deno.test("a shard that was killed is run again, and any other finishes where it was killed then", async () => {
  await inTempFolder(async (folder) => {
    await train(folder);
    await copyFolder(`${folder}/trained`, `${folder}/whole`);
    // Long enough to be killed in the middle.
    const cams = ["--only", "cams", "--set=cams.split=train[0:24]", "--set=cams.scales=[1,2,3]"];
    assertEquals((await shard(folder, "whole", ["--resume", ...cams])).code, 0);
    await copyFolder(`${folder}/trained`, `${folder}/run`);
    const child = seamstress(argsOf(folder, "run", [...cams, "--shard", "1/2"])).spawn();
    const output = child.output();
    await firstFile(`${folder}/run/stages/cams/cams`);
    child.kill("SIGKILL");
    assertEquals((await output).signal, "SIGKILL");
    const other = await shard(folder, "run", [...cams, "--shard", "2/2"]);
    assertMatch(other.err, /shard 1 of 2 is still to come: (\d|1[01]) of 24 images/);
    // It would finish the stage, and is killed over that, too.
    const again = seamstress(argsOf(folder, "run", [...cams, "--shard", "1/2"])).spawn();
    const said = again.output();
    await firstFile(`${folder}/run/shards`, "finish.claim");
    again.kill("SIGKILL");
    const { signal, stderr } = await said;
    assertEquals(signal, "SIGKILL");
    assertMatch(new TextDecoder().decode(stderr), /^shard 1\/2 may be at work: looking for 20 s/);
    const last = await shard(folder, "run", [...cams, "--shard", "2/2"]);
    assertEquals(last.code, 0, last.err);
    assertMatch(
      last.err,
      /^the shard that finishes the run may be at work: .*\nevery stage that was asked for is finished/,
    );
    await compareStages(`${folder}/run`, `${folder}/whole`);
  });
});
