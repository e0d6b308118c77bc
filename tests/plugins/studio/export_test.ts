import { assert, assertEquals, assertRejects } from "@std/assert";
import { exportStudio } from "../../../plugins/studio/export.ts";
import { COMPUTE, pageFiles } from "../../../plugins/studio/page_files.ts";
import { filesBelow } from "../../folders.ts";
import { inTempFolder } from "../../command.ts";
import { addTrainingCams, registry } from "../observers/report_run.ts";
import { withStudio } from "./studio_run.ts";

const { signal } = new AbortController();

function exported(root: string, out: string, images = 3, notes: string[] = []) {
  const note = (text: string) => void notes.push(text);
  return exportStudio({ root, out, images, weights: false, factory: registry, signal, note });
}

Deno.test("an export is what the studio serves, of some images, with scores of all", async () => {
  await withStudio(async (get, runs) => {
    await addTrainingCams(`${runs}/fake`, "seam");
    await inTempFolder(async (out) => {
      await exported(runs, out);
      const files = await filesBelow(out);
      // What computes by networks comes with their weights.
      for (const name of pageFiles().keys()) {
        assertEquals(files.includes(name), !name.startsWith(COMPUTE), name);
      }
      const read = async (path: string) =>
        JSON.parse(await Deno.readTextFile(`${out}/data/${path}`));
      assertEquals((await read("runs.json")).still, true);
      const place = "runs/fake/splits/0";
      const { images, total } = await read(`${place}/images.json`);
      assertEquals([images.map(({ index }: { index: number }) => index), total], [[0, 2, 5], 8]);
      const scores = await read(`${place}/scores-1.json`);
      assertEquals([scores.done, scores.images.length], [8, 8]);
      for (const file of files.filter((file) => /\/images\/.*png$|journal|run\.json/.test(file))) {
        const served = new Uint8Array(await (await get(file)).arrayBuffer());
        assertEquals(await Deno.readFile(`${out}/${file}`), served, file);
      }
      assertEquals(
        files.filter((file) => file.startsWith(`data/${place}/images/5/`)).length,
        5,
        "image.json, photo.png, truth.png, two maps",
      );
      const ofTraining = files.filter((file) => file.startsWith("data/runs/fake/trainings/0/"));
      assertEquals(ofTraining.length, 2 * 5, "the same of two images, with two steps");
      await assertRejects(() => exported(runs, out), Deno.errors.AlreadyExists, "is not empty");
    });
  });
});

Deno.test("an export of one run, whose data set is gone, has its numbers and says what it left out", async () => {
  await withStudio(async (_get, runs) => {
    for (const stage of ["baseline-cams", "seam-cams"]) {
      const file = `${runs}/fake/stages/${stage}/stage.json`;
      const text = await Deno.readTextFile(file);
      await Deno.writeTextFile(file, text.replace('"use":"mini"', '"use":"gone"'));
    }
    await inTempFolder(async (out) => {
      const notes: string[] = [];
      await exported(`${runs}/fake`, out, 3, notes);
      assert(notes.some((note) => note.includes("left out from here on")), notes.join("\n"));
      const files = await filesBelow(out);
      assert(files.includes("data/runs/fake/run.json") && files.includes("index.html"));
    });
  });
});

Deno.test("an export of many runs goes on past a damaged one", async () => {
  await withStudio(async (_get, runs) => {
    await Deno.mkdir(`${runs}/cut`);
    await Deno.writeTextFile(`${runs}/cut/recipe.yaml`, "stages: [{ id: a");
    await inTempFolder(async (out) => {
      await exported(runs, out);
      const read = async (path: string) =>
        JSON.parse(await Deno.readTextFile(`${out}/data/runs/${path}`));
      assertEquals((await read("cut/run.json")).state, "damaged");
      assertEquals(await read("cut/splits.json"), []);
      assertEquals((await read("fake/splits.json")).length, 1);
    });
  });
});

Deno.test("an export of what is no run is refused, and writes nothing", async () => {
  await inTempFolder(async (folder) => {
    const out = `${folder}/out`;
    await assertRejects(() => exported(folder, out), Deno.errors.NotFound, "it is no run folder");
    await assertRejects(() => exported(`${folder}/none`, out), Deno.errors.NotFound, "not there");
    assertEquals(await filesBelow(folder), []);
  });
});
