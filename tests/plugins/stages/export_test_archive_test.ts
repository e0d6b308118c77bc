import { assert, assertEquals, assertRejects } from "@std/assert";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { unzipSync } from "fflate";
import { isUserError } from "../../../core/errors.ts";
import { decodePng } from "../../../plugins/images/png.ts";
import { readMask, writeMask } from "../../../plugins/images/mask_store.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { network, runScene, withFolder } from "./scene.ts";

const net = { ...network("net", "cam"), head: { use: "deeplabv1", channels: 8, dilation: 3 } };
const segment = { id: "masks", run: "segment", from: "net", split: "val[0:3]", scales: [1] };
const handIn = { id: "hand-in", run: "export-test", from: "masks" };
const NAMES = ["mini_0600", "mini_0601", "mini_0602"];

/** Runs the stages up to the masks, changes the masks, then hands in. */
async function changed(folder: string, change: (masks: string) => Promise<void>): Promise<void> {
  await runScene(folder, [net, segment]);
  await change(`${folder}/masks/masks`);
  await forgetHashes(`${folder}/masks`);
  await runScene(folder, [net, segment, handIn]);
}

/** Makes a finished stage one of before there were hashes of files, so that changes show themselves to what reads them. */
async function forgetHashes(stage: string): Promise<void> {
  const { files: _, sha256: __, ...old } = JSON.parse(
    await Deno.readTextFile(`${stage}/stage.json`),
  );
  await Deno.writeTextFile(`${stage}/stage.json`, JSON.stringify(old));
}

Deno.test("export-test packs every mask under the server's path, the same bytes each time", async () => {
  await withFolder(async (folder) => {
    const { artifacts, announced } = await runScene(folder, [net, segment, handIn]);
    assertEquals(artifacts.get("hand-in")!.kind, "archive");
    assertEquals(announced.at(-1), {
      stage: "hand-in",
      kind: "archive",
      path: "stages/hand-in/results.zip",
    });
    const zip = await Deno.readFile(`${folder}/hand-in/results.zip`);
    const files = unzipSync(zip);
    const root = "results/VOC2012/Segmentation/comp6_test_cls";
    assertEquals(Object.keys(files), NAMES.map((name) => `${root}/${name}.png`));
    for (const name of NAMES) {
      const { raster, palette } = decodePng(files[`${root}/${name}.png`]!, name);
      assertEquals(raster, await readMask(`${folder}/masks/masks`, name, 6));
      assertEquals(palette?.[15], [192, 128, 128]);
    }
    await withFolder(async (again) => {
      await runScene(again, [net, segment, handIn]);
      assertEquals(await Deno.readFile(`${again}/hand-in/results.zip`), zip);
    });
  });
});

Deno.test("export-test takes the names that the server gives year, competition and set", async () => {
  await withFolder(async (folder) => {
    const named = { ...handIn, year: "VOC2007", competition: "comp5", set: "val" };
    const { artifacts } = await runScene(folder, [net, segment, named]);
    const { root } = artifacts.get("hand-in")!.info;
    assertEquals(root, "results/VOC2007/Segmentation/comp5_val_cls");
  });
});

Deno.test("export-test refuses a missing mask, one of another size, and pixels without a class", async () => {
  const mask = (width: number, label: number): Raster => ({
    width,
    height: 32,
    channels: 1,
    data: new Uint8Array(width * 32).fill(label, 33, 34),
  });
  const cases: readonly [(masks: string) => Promise<void>, string][] = [
    [(masks) => Deno.remove(`${masks}/${NAMES[1]}.png`), "1 of 3 are missing"],
    [
      (masks) => writeMask(masks, NAMES[1]!, mask(16, 0), writeAtomic),
      "it is 16x32, its image is 32x32",
    ],
    [
      (masks) => writeMask(masks, NAMES[1]!, mask(32, 255), writeAtomic),
      "it holds 255 at x 1, y 1; every pixel needs a class, 0 to 6",
    ],
  ];
  for (const [change, text] of cases) {
    await withFolder(async (folder) => {
      const error = await assertRejects(() => changed(folder, change), Error, text);
      assert(isUserError(error));
      const left = [...Deno.readDirSync(`${folder}/hand-in`)].map(({ name }) => name);
      assertEquals(left, ["stage.json"]);
    });
  }
});

Deno.test("export-test refuses a stage that leaves no masks", async () => {
  await withFolder(async (folder) => {
    await assertRejects(
      () => runScene(folder, [net, { ...handIn, from: "net" }]),
      TypeError,
      'Cannot plan stage hand-in: it reads masks from stage "net"',
    );
  });
});
