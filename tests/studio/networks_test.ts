import { assertEquals } from "@std/assert";
import { Registry } from "../../core/registry/registry.ts";
import { mini } from "../../plugins/datasets/mini.ts";
import { decodeJpeg } from "../../plugins/images/jpeg.ts";
import { readMask } from "../../plugins/images/mask_store.ts";
import { encodeJpeg } from "../../plugins/stages/export/encode_jpeg.ts";
import { inTempFolder, runSeamstress } from "../command.ts";
import { expectedNumbers } from "./expected_numbers.ts";
import { networkRun, SIDE } from "./network_run.ts";
import { hasChromium, runVisit } from "./run_visit.ts";

/** Writes a photograph, larger than the network's images and not square. @returns its pixels as every reader has them */
async function writePhotograph(path: string) {
  const use = { use: "mini", size: 48 };
  const dataset = await new Registry([mini]).create("dataset", use, {
    split: "val[9:10]",
    base: "/",
  });
  const { image } = await dataset.read(0, { mask: false });
  const height = 40, data = image.data.slice(0, image.width * height * 3);
  const bytes = await encodeJpeg({ ...image, height, data });
  await Deno.writeFile(path, bytes);
  return await decodeJpeg(bytes, path);
}

Deno.test("in Chromium: a click gives the affinities and the walk that Deno gives, a dropped photograph the CAM of cam", async () => {
  if (!await hasChromium()) return;
  await inTempFolder(async (folder) => {
    const run = await networkRun(folder);
    const photograph = await writePhotograph(`${folder}/mine.jpg`);
    const dataset = await new Registry([mini]).create("dataset", { use: "mini", size: SIDE }, {
      split: "val[0:4]",
      base: "/",
    });
    const { image } = await dataset.read(0, { mask: false });
    const expected = await expectedNumbers(run, image, photograph);
    const cam = await runSeamstress([
      ...["cam", `${folder}/mine.jpg`, "--from", run, "--out", `${folder}/cam`, "--backend=wasm"],
    ]);
    assertEquals(cam.code, 0, cam.err);
    const mask = await readMask(`${folder}/cam`, "mine", 8);
    await Deno.writeTextFile(
      `${folder}/expected.json`,
      JSON.stringify({ ...expected, mask: [...mask.data] }),
    );
    // Bundling takes half as long when its code is not optimised first.
    const { code, out, err } = await runVisit("visit_networks.ts", [folder], "--liftoff-only");
    assertEquals({ code, err }, { code: 0, err: "" });
    const steps = out.trim().split("\n").map((line) => line.split(" ")[0]);
    assertEquals(steps, [
      ...["click", "keyboard", "wasm", "photograph", "page", "page"],
      ...["without", "export"],
    ]);
  });
});
