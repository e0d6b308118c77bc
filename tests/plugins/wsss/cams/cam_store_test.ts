import { assertEquals, assertRejects } from "@std/assert";
import { writeAtomic } from "../../../../core/run/atomic.ts";
import { camFile, hasCams, readCams, writeCams } from "../../../../plugins/wsss/cams/cam_store.ts";
import { encodeSafetensors } from "../../../../plugins/formats/safetensors.ts";

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("CAMs come back as they were stored: classes, order, size, scores", async () => {
  await withFolder(async (folder) => {
    const maps = new Map([
      [11, Float32Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5)],
      [3, Float32Array.of(1, 0.9, 0.8, 0.7, 0.6, -0.5)],
    ]);
    const stored = { cams: { width: 3, height: 2, maps }, scores: Float32Array.of(-1.5, 2) };
    await writeCams(folder, "a/b c", stored, writeAtomic);
    assertEquals(await readCams(folder, "a/b c"), stored);
    assertEquals([...(await readCams(folder, "a/b c")).cams!.maps.keys()], [11, 3]);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  });
});

Deno.test("an image without classes and an image of scores alone are stored too", async () => {
  await withFolder(async (folder) => {
    const none = { cams: { width: 4, height: 5, maps: new Map() } };
    await writeCams(folder, "none", none, writeAtomic);
    assertEquals(await readCams(folder, "none"), none);
    const scores = { scores: Float32Array.of(1) };
    await writeCams(folder, "scores", scores, writeAtomic);
    assertEquals(await readCams(folder, "scores"), scores);
    assertEquals(await hasCams(folder, "scores"), true);
    assertEquals(await hasCams(folder, "other"), false);
  });
});

Deno.test("readCams names a file that is missing, truncated or of other content", async () => {
  await withFolder(async (folder) => {
    await assertRejects(() => readCams(folder, "x"), Deno.errors.NotFound, `${folder}/x`);
    await writeCams(folder, "x", { scores: Float32Array.of(1, 2, 3) }, writeAtomic);
    const path = camFile(folder, "x");
    await Deno.writeFile(path, (await Deno.readFile(path)).subarray(0, -4));
    await assertRejects(() => readCams(folder, "x"), SyntaxError, path);
    const cam = { dtype: "F32" as const, shape: [1, 1, 2], data: new Float32Array(2) };
    for (const classes of ["[1,2]", "x", "[1.5]"]) {
      await Deno.writeFile(path, encodeSafetensors(new Map([["cam", cam]]), { classes }));
      await assertRejects(
        () => readCams(folder, "x"),
        SyntaxError,
        `its cam is [1,1,2] and its metadata lists classes ${classes}`,
      );
    }
  });
});
