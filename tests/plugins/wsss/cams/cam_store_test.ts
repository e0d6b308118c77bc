import { assertEquals, assertRejects } from "@std/assert";
import { writeAtomic } from "../../../../core/run/atomic.ts";
import { camFile, hasCams, readCams, writeCams } from "../../../../plugins/wsss/cams/cam_store.ts";
import { packMaps } from "../../../../plugins/wsss/cams/packed_maps.ts";
import type { StateArray } from "../../../../core/contracts/state_dict.ts";
import { encodeSafetensors } from "../../../../plugins/formats/safetensors.ts";
import { inTempFolder } from "../../../command.ts";

Deno.test("CAMs come back as they were stored: classes, order, size, scores", async () => {
  await inTempFolder(async (folder) => {
    const maps = new Map([
      [11, Float32Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5)],
      [3, Float32Array.of(1, 0.9, 0.8, 0.7, 0.6, -0.5)],
    ]);
    const stored = { cams: { width: 3, height: 2, maps }, scores: Float32Array.of(-1.5, 2) };
    await writeCams(folder, "a/b c", stored, writeAtomic, "float32");
    assertEquals(await readCams(folder, "a/b c"), stored);
    assertEquals([...(await readCams(folder, "a/b c")).cams!.maps.keys()], [11, 3]);
    await writeCams(folder, "a/b c", stored, writeAtomic);
    const rounded = [...maps].map(([c, map]) =>
      [c, new Float32Array(new Float16Array(map))] as const
    );
    const cams = { ...stored.cams, maps: new Map(rounded) };
    assertEquals(await readCams(folder, "a/b c"), { ...stored, cams });
    assertEquals([...(await readCams(folder, "a/b c")).cams!.maps.keys()], [11, 3]);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  });
});

Deno.test("an image without classes and an image of scores alone are stored too", async () => {
  await inTempFolder(async (folder) => {
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

Deno.test("a map that float16 cannot hold is refused, naming the file", async () => {
  await inTempFolder(async (folder) => {
    const cams = { width: 1, height: 1, maps: new Map([[0, Float32Array.of(1e6)]]) };
    await assertRejects(
      () => writeCams(folder, "x", { cams }, writeAtomic),
      Error,
      `Cannot write ${camFile(folder, "x")}: `,
    );
    await writeCams(folder, "x", { cams }, writeAtomic, "float32");
    assertEquals(await readCams(folder, "x"), { cams });
  });
});

Deno.test("a packed file that is damaged inside is refused, naming the file and what is wrong", async () => {
  const packed = packMaps(Float32Array.of(0, 0.5, 1, 0.25), [1, 2, 2]);
  const good = { classes: "[3]", packing: "float16 rows zlib", shape: "[1,2,2]" };
  const bytes = { dtype: "U8" as const, shape: [packed.length], data: packed };
  const cut = { dtype: "U8" as const, shape: [9], data: packed.slice(0, 9) };
  const floats = { dtype: "F32" as const, shape: [1, 2, 2], data: new Float32Array(4) };
  const cases: readonly [StateArray, Record<string, string>, string][] = [
    [cut, good, "its maps are damaged: unexpected end of file"],
    [
      bytes,
      { ...good, packing: "lzma" },
      'its cam is packed as "lzma", known is "float16 rows zlib"',
    ],
    [bytes, { ...good, shape: "[1,2,3]" }, "its maps unpack to 8 bytes, expected 12"],
    [bytes, { ...good, shape: "[1,2]" }, "its metadata have no shape [K,H,W] but [1,2]"],
    [
      bytes,
      { ...good, shape: "[99999999,99999999,99999999]" },
      "its maps unpack to 8 bytes, expected",
    ],
    [
      bytes,
      { ...good, classes: "[3,4]" },
      "its cam is [1,2,2] and its metadata lists classes [3,4]",
    ],
    [bytes, { classes: "[3]", shape: "[1,2,2]" }, 'tensor "cam" is U8, expected F32'],
    [floats, good, 'tensor "cam" is F32, expected U8 of packing'],
  ];
  await inTempFolder(async (folder) => {
    const path = camFile(folder, "x");
    for (const [cam, metadata, problem] of cases) {
      await Deno.writeFile(path, encodeSafetensors(new Map([["cam", cam]]), metadata));
      await assertRejects(
        () => readCams(folder, "x"),
        SyntaxError,
        `Cannot read CAMs from ${path}: ${problem}`,
      );
    }
    await Deno.writeFile(path, encodeSafetensors(new Map([["cam", bytes]]), good));
    assertEquals(
      (await readCams(folder, "x")).cams!.maps,
      new Map([[3, Float32Array.of(0, 0.5, 1, 0.25)]]),
    );
  });
});

Deno.test("readCams names a file that is missing, truncated or of other content", async () => {
  await inTempFolder(async (folder) => {
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
