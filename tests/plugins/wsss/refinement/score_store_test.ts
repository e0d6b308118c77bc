import { assertEquals, assertRejects } from "@std/assert";
import { writeAtomic } from "../../../../core/run/atomic.ts";
import { readCamDict } from "../../../../plugins/wsss/cams/cam_dict.ts";
import { writeCams } from "../../../../plugins/wsss/cams/cam_store.ts";
import {
  readScores,
  SCORE_STORES,
  scoreFilesIn,
  writeScores,
} from "../../../../plugins/wsss/refinement/score_store.ts";
import { inTempFolder } from "../../../command.ts";

/** Powers of two and their sums: float16 holds them. */
const data = Float32Array.of(0.5, 0.25, 0.125, 1, 0.5, 0.75, 0.875, 0);
const scores = { width: 2, height: 2, channels: 2, data, classes: [0, 5] };

Deno.test("scores come back from every kind of file, of a folder that has all of them", async () => {
  await inTempFolder(async (folder) => {
    for (const store of SCORE_STORES) await writeScores(folder, store, scores, writeAtomic, store);
    await writeScores(folder, "usual", scores, writeAtomic);
    const fileOf = scoreFilesIn(folder);
    for (const name of [...SCORE_STORES, "usual"]) {
      assertEquals(await readScores(fileOf(name), name, 6), scores);
    }
    assertEquals(
      [fileOf("float16"), fileOf("npy"), fileOf("none")],
      ["float16.safetensors", "npy.npy", "none.safetensors"].map((file) => `${folder}/${file}`),
    );
    const theirs = await readCamDict(`${folder}/npy.npy`);
    assertEquals([...theirs.maps], [[0, data.slice(0, 4)], [5, data.slice(4)]]);
  });
});

Deno.test("scores that are gone, of a class that there is not, or none at all name their file", async () => {
  await inTempFolder(async (folder) => {
    await writeScores(folder, "x", scores, writeAtomic);
    const path = scoreFilesIn(folder)("x");
    await assertRejects(
      () => readScores(path, "x", 5),
      RangeError,
      `Cannot read scores from ${path}: it has a map of class 5, valid are integers from 0 to 4`,
    );
    await writeCams(folder, "x", { scores: data }, writeAtomic);
    await assertRejects(() => readScores(path, "x", 6), SyntaxError, `${path}: it holds no maps`);
    await Deno.truncate(path, 20);
    await assertRejects(() => readScores(path, "x", 6), SyntaxError, path);
    await Deno.remove(path);
    await assertRejects(() => readScores(path, "x", 6), Deno.errors.NotFound, path);
    const gone = `${folder}/gone`;
    assertEquals(scoreFilesIn(gone)("x"), `${gone}/x.safetensors`);
  });
});
