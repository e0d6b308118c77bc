import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { callSeamstress } from "../../call.ts";
import { inTempFolder } from "../../command.ts";
import { contents, filesBelow } from "../../folders.ts";
import { photographs, shortRun } from "./short_run.ts";

/** Photographs of one's own, with labels in a file; the value that `--set dataset=` takes. */
async function ownData(folder: string): Promise<string> {
  const images = await photographs(folder, 4);
  const labels = Object.fromEntries(images.map(({ name, classes }) => [name, classes]));
  await Deno.writeTextFile(`${folder}/labels.json`, JSON.stringify(labels));
  const { classes } = JSON.parse(
    await Deno.readTextFile(`${folder}/run/stages/seam/stage.json`),
  ).artifact.info;
  return JSON.stringify({
    use: "folder",
    root: `${folder}/photos`,
    labels: `${folder}/labels.json`,
    classes,
  });
}

Deno.test("a run goes on from its CAMs on other photographs, in a folder of its own, with the network that it trained", async () => {
  await inTempFolder(async (folder) => {
    const run = await shortRun(folder);
    const before = await contents(run);
    const data = await ownData(folder);
    const args = ["run", run, "--from", "cams", "--until", "cams", "--set", `dataset=${data}`];
    const foreign = await callSeamstress(args);
    assertEquals(foreign.code, 1);
    assertStringIncludes(foreign.err, "--set STAGE.split=all");

    const { code, err } = await callSeamstress([...args, "--set", "cams.split=all"]);
    assertEquals(code, 0, err);
    assertStringIncludes(err, `results: ${run}-2`);
    assertEquals(await contents(run), before, "the earlier run is as it was");
    const cams = await filesBelow(`${run}/stages/cams/cams`);
    assertEquals(cams.length, 4);
    assertEquals(await filesBelow(`${run}-2/stages/cams/cams`), cams);
    for (const file of cams) {
      const [a, b] = await Promise.all(
        [run, `${run}-2`].map((each) => Deno.readFile(`${each}/stages/cams/cams/${file}`)),
      );
      assertEquals(a, b, "the same photographs give the same CAMs");
    }

    const again = await callSeamstress(["run", `${run}-2`, "--resume"]);
    assertEquals(again.code, 0, again.err);
    const third = await callSeamstress([...args, "--set", "cams.split=all", "--dry-run"]);
    assertEquals(third.code, 0, third.err);
    assertStringIncludes(third.err, `results: ${run}-3`);
    assert(!await Deno.stat(`${run}-3`).then(() => true, () => false));
  });
});

Deno.test("on other data, what a stage reads of the earlier data is refused, with the way on", async () => {
  await inTempFolder(async (folder) => {
    const run = await shortRun(folder);
    const data = await ownData(folder);
    const args = ["run", run, "--set", `dataset=${data}`, "--set", "split=all"];
    const score = await callSeamstress([...args, "--from", "score"]);
    assertEquals(score.code, 1);
    assertStringIncludes(
      score.err,
      "whose cams are of the earlier data; begin with it, --from cams",
    );
    await Deno.remove(`${run}/stages/seam/stage.json`);
    const unfinished = await callSeamstress([...args, "--from", "cams"]);
    assertEquals(unfinished.code, 1);
    assertStringIncludes(unfinished.err, `reads stage seam, which is not finished in ${run}`);
  });
});
