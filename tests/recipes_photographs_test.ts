import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodePng, encodeRgbPng } from "seamstress";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runSeamstress } from "./command.ts";

const RECIPES = fromFileUrl(new URL("../recipes/photographs", import.meta.url));

const PHOTOGRAPHS = ["cat/a", "cat/b", "dog/c"];

async function makePhotographs(folder: string): Promise<void> {
  for (const [i, each] of PHOTOGRAPHS.entries()) {
    await Deno.mkdir(`${folder}/${each.slice(0, 3)}`, { recursive: true });
    const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, k) => (k * k * (7 + i)) % 251);
    const image = { width: 40, height: 30, channels: 3, data };
    await Deno.writeFile(`${folder}/${each}.png`, encodeRgbPng(image));
  }
}

Deno.test("start weights that are not there: the message names the option and the page that says where they come from", async () => {
  await inTempFolder(async (folder) => {
    await makePhotographs(`${folder}/photos`);
    const file = `${folder}/mobilenet_v2-b0353104.pth`;
    const { code, err } = await runSeamstress([
      "run",
      `${RECIPES}/cam.yaml`,
      `--out=${folder}/run`,
      `--set=dataset.root=${folder}/photos`,
      `--set=train.backbone.weights.file=${file}`,
      "--set=train.batch.size=2",
      "--set=backend=wasm",
    ]);
    assertEquals(code, 1);
    assertStringIncludes(
      err,
      `error: Cannot read ${file}: there is no such file; it holds the weights to start from: ` +
        "--set train.backbone.weights.file=PATH says where they are, docs/downloads.md where they come from",
    );
  });
});

for (const name of ["cam", "seam"]) {
  Deno.test(`recipes/photographs/${name}.yaml goes from a folder per class to a mask of each photograph`, async () => {
    await inTempFolder(async (folder) => {
      await makePhotographs(`${folder}/photos`);
      const settings = [
        `dataset.root=${folder}/photos`,
        // The published weights are not here.
        "train.backbone={use: mobilenetv2, outputStride: 16}",
        "train.batch.size=2",
        "train.maxSteps=1",
        "backend=wasm",
      ];
      const { code, err } = await runSeamstress([
        "run",
        `${RECIPES}/${name}.yaml`,
        `--out=${folder}/run`,
        ...settings.map((setting) => `--set=${setting}`),
      ]);
      assertEquals(code, 0, err);
      for (const each of PHOTOGRAPHS) {
        const path = `${folder}/run/stages/masks/masks/${each.slice(4)}.png`;
        const { raster: { width, height } } = decodePng(await Deno.readFile(path), path);
        assertEquals([width, height], [40, 30]);
      }
      assertEquals((await Deno.stat(`${folder}/run/report.html`)).isFile, true);
    });
  });
}
