import { assert, assertEquals, assertRejects } from "@std/assert";
import { camFile, readCams, writeCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { isUserError } from "../../../core/errors.ts";
import { readCamDict, writeCamDict } from "../../../plugins/wsss/cams/cam_dict.ts";
import { maskFile, readMask, writeMask } from "../../../plugins/images/mask_store.ts";
import { writeMarker } from "../../../core/run/stages/marker.ts";
import { Journal } from "../../../core/run/stored/journal.ts";
import type { WriteFile } from "../../../core/contracts/write_file.ts";
import { readStored } from "../../../plugins/formats/stored_files.ts";
import { readMaskFile } from "../../../plugins/datasets/voc/mask.ts";
import { inTempFolder } from "../../command.ts";

const cams = { width: 2, height: 2, maps: new Map([[1, Float32Array.of(0, 0.5, 1, 0)]]) };
const mask = { width: 2, height: 1, channels: 1, data: Uint8Array.of(1, 255) };

/** Every reader of a file that stages leave. */
const FILES = {
  cams: {
    path: (folder: string) => camFile(folder, "x"),
    write: (folder: string, write: WriteFile) => writeCams(folder, "x", { cams }, write),
    read: (folder: string) => readCams(folder, "x"),
  },
  scores: {
    path: (folder: string) => `${folder}/x.npy`,
    write: (folder: string, write: WriteFile) => writeCamDict(`${folder}/x.npy`, cams, write),
    read: (folder: string) => readCamDict(`${folder}/x.npy`),
  },
  masks: {
    path: (folder: string) => maskFile(folder, "x"),
    write: (folder: string, write: WriteFile) => writeMask(folder, "x", mask, write),
    read: (folder: string) => readMask(folder, "x", 3),
  },
  "foreign masks": {
    path: (folder: string) => maskFile(folder, "x"),
    write: (folder: string, write: WriteFile) => writeMask(folder, "x", mask, write),
    read: (folder: string) => readMaskFile(maskFile(folder, "x"), true),
  },
} as const;

/** A stage that left what `write` writes. */
async function finishStage(
  folder: string,
  write: (folder: string, write: WriteFile) => Promise<void>,
) {
  await Deno.mkdir(`${folder}/kept`, { recursive: true });
  const { journal } = await Journal.open(folder);
  using _ = journal;
  await write(`${folder}/kept`, journal.write);
  const artifact = { kind: "cams", info: {} };
  await writeMarker(folder, {
    fingerprint: "f",
    artifact,
    made: "m",
    files: await journal.finish(),
  });
}

async function refused(read: () => Promise<unknown>, ...texts: string[]): Promise<void> {
  const error = await assertRejects(read, Error);
  assert(isUserError(error), error.stack);
  for (const text of texts) assert(error.message.includes(text), error.message);
}

for (const [name, { path, write, read }] of Object.entries(FILES)) {
  Deno.test(`${name} of a finished stage are refused where a bit was flipped or the file is gone`, () =>
    inTempFolder(async (run) => {
      const folder = `${run}/stages/seam-cams`;
      await finishStage(folder, write);
      const file = path(`${folder}/kept`);
      await read(`${folder}/kept`);
      const bytes = await Deno.readFile(file);
      for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
        const changed = bytes.slice();
        changed[at]! ^= 1;
        await Deno.writeFile(file, changed);
        await refused(() => read(`${folder}/kept`), file, "changed", "--from seam-cams");
      }
      await Deno.writeFile(file, bytes.subarray(0, -1));
      await refused(() => read(`${folder}/kept`), file, "changed", "--from seam-cams");
      await Deno.remove(file);
      await refused(() => read(`${folder}/kept`), file, "no such file", "--from seam-cams");
      // Set aside, it still is that stage's.
      await Deno.writeFile(file, bytes.subarray(1));
      await Deno.rename(folder, `${folder}.superseded-1`);
      await refused(() => read(`${folder}.superseded-1/kept`), "--from seam-cams");
    }));
}

Deno.test("a file that a finished stage did not write is refused in its folder", () =>
  inTempFolder(async (run) => {
    await finishStage(`${run}/a`, (folder) => Deno.writeTextFile(`${folder}/x`, "x"));
    await Deno.writeTextFile(`${run}/a/kept/y`, "y");
    assertEquals(await readStored(`${run}/a/kept/x`), new TextEncoder().encode("x"));
    await refused(() => readStored(`${run}/a/kept/y`), "a/kept/y", "did not write it");
  }));

Deno.test("files of a stage that was made again are checked against its new hashes", () =>
  inTempFolder(async (run) => {
    for (const text of ["first", "again"]) {
      await finishStage(`${run}/a`, (folder) => Deno.writeTextFile(`${folder}/x`, text));
      assertEquals(new TextDecoder().decode(await readStored(`${run}/a/kept/x`)), text);
    }
  }));

Deno.test("files elsewhere, of unfinished stages and of stages without hashes are read as they are", () =>
  inTempFolder(async (run) => {
    await Deno.mkdir(`${run}/a`);
    for (const marker of ["not ours", '{"fingerprint":"f"}', '{"fingerprint":"f","made":"m"}']) {
      await Deno.writeTextFile(`${run}/a/stage.json`, marker);
      await Deno.writeTextFile(`${run}/a/x`, marker);
      assertEquals(new TextDecoder().decode(await readStored(`${run}/a/x`)), marker);
    }
    await refused(() => readStored(`${run}/a/gone`), "there is no such file");
  }));
