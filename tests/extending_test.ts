import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { writeDocumentedFiles } from "./documented_files.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder, runDeno } from "./command.ts";
import { loggedSteps } from "./logged.ts";

/** Steps of a recipe's training, as logged. */
async function trainedSteps(folder: string, recipe: string) {
  const { code, err } = await callSeamstress([
    "run",
    `${folder}/${recipe}`,
    "--backend=wasm",
    `--out=${folder}/run`,
  ]);
  assertEquals(code, 0, err);
  return await loggedSteps(`${folder}/run`);
}

Deno.test("the loss of docs/extending.md trains from a folder outside the project", async () => {
  await inTempFolder(async (folder) => {
    await writeDocumentedFiles(folder);
    const steps = await trainedSteps(folder, "absence.yaml");
    assertEquals(steps.map(({ step }) => step), [1, 2, 3, 4]);
    // It starts at step 2, counted from 0: the third and fourth have it.
    assertEquals(steps.map(({ losses }) => "absence" in losses), [false, false, true, true]);
    for (const { losses } of steps.slice(2)) {
      const total = losses.classification + 0.1 * losses.absence;
      assert(Math.abs(losses.loss - total) < 1e-5 * total, JSON.stringify(losses));
    }
  });
});

Deno.test("the method and the backbone of docs/extending.md train from a folder outside the project", async () => {
  await inTempFolder(async (folder) => {
    await writeDocumentedFiles(folder);
    const steps = await trainedSteps(folder, "mean_teacher.yaml");
    assertEquals(steps.map(({ step }) => step), [1, 2, 3]);
    // The teacher begins as a copy, and follows.
    assertEquals(steps[0].losses.agree, 0);
    for (const { losses } of steps.slice(1)) assert(losses.agree > 0, JSON.stringify(losses));
  });
});

Deno.test("the tests of docs/extending.md pass", async () => {
  await inTempFolder(async (folder) => {
    await writeDocumentedFiles(folder);
    const flags = ["--no-check", "--allow-read", "--allow-write", "--config=deno.json"];
    const { code, out, err } = await runDeno(["test", ...flags, folder]);
    assertEquals(code, 0, out + err);
    assertStringIncludes(out, "9 passed | 0 failed");
  });
});

Deno.test("the user error that docs/extending.md shows gives the message that it shows", async () => {
  await inTempFolder(async (folder) => {
    await writeDocumentedFiles(folder);
    const { code, err } = await callSeamstress([
      "run",
      `${folder}/absence.yaml`,
      "--set=losses.absence.pwer=2",
      `--out=${folder}/run`,
    ]);
    assertEquals(code, 1);
    const text = await Deno.readTextFile(new URL("../docs/extending.md", import.meta.url));
    const shown = text.match(/^(?:# .*\n)*# error: .*$/m)![0].replace(/^# /gm, "");
    assertEquals(err.trim().replaceAll(folder, "ideas"), shown);
  });
});
