import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { callSeamstress } from "../call.ts";
import { inTempFolder } from "../command.ts";
import { filesIn, killAfter } from "../kill_after.ts";

const RECIPE = fromFileUrl(new URL("../../recipes/mini/seam-full.yaml", import.meta.url));

/** The recipe with 10 images and a few steps a stage. */
const ARGS = [
  "run",
  RECIPE,
  "--backend=wasm",
  ...["split=train[0:10]", "epochs=1", "seam.losses.er.start=0"].flatMap((set) => ["--set", set]),
];

Deno.test("recipes/mini/seam-full.yaml, killed on the way and resumed, ends with the masks and scores of an unbroken run", async () => {
  await inTempFolder(async (folder) => {
    const whole = await callSeamstress([...ARGS, "--out", `${folder}/whole`]);
    assertEquals(whole.code, 0, whole.err);
    const run = `${folder}/killed`;
    await killAfter(2, "la", [...ARGS, "--out", run], run);
    await killAfter(2, "walk", [...ARGS, "--out", run, "--resume"], run);
    await killAfter(2, "retrain-train", [...ARGS, "--out", run, "--resume"], run);
    const resumed = await callSeamstress([...ARGS, "--out", run, "--resume"]);
    assertEquals(resumed.code, 0, resumed.err);
    for (const stage of ["affinity-labels", "crf", "walk", "walk-crf", "retrain-train"]) {
      const names = await filesIn(`${folder}/whole/stages/${stage}/masks`);
      assertEquals(names.length, 10);
      assertEquals(await filesIn(`${run}/stages/${stage}/masks`), names);
      for (const name of names) {
        const path = `stages/${stage}/masks/${name}`;
        const [found, wanted] = await Promise.all([
          Deno.readFile(`${run}/${path}`),
          Deno.readFile(`${folder}/whole/${path}`),
        ]);
        assertEquals(found, wanted, path);
      }
    }
    const scores = ["cam-score", "crf-score", "walk-score", "walk-crf-score", "retrain-score"];
    const files = [...scores.map((id) => `${id}/table.json`), "archive/results.zip"];
    for (const file of files) {
      const [found, wanted] = await Promise.all([
        Deno.readFile(`${run}/stages/${file}`),
        Deno.readFile(`${folder}/whole/stages/${file}`),
      ]);
      assertEquals(found, wanted, file);
    }
  });
});
