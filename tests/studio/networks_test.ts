import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { Registry } from "../../core/registry/registry.ts";
import { mini } from "../../plugins/datasets/mini.ts";
import { decodeJpeg } from "../../plugins/images/jpeg.ts";
import { readMask } from "../../plugins/images/mask_store.ts";
import { encodeJpeg } from "../../plugins/stages/export/encode_jpeg.ts";
import { inTempFolder, runSeamstress } from "../command.ts";
import { leaveOut } from "../leave_out.ts";
import { CHROMIUM } from "./browser.ts";
import { expectedNumbers } from "./expected_numbers.ts";
import { networkRun, SIDE } from "./network_run.ts";

const VISIT = fromFileUrl(new URL("visit_networks.ts", import.meta.url).href);
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url).href);

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

async function visit(...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // The tests have no network: what visits the pages has this machine's alone.
    args: [
      "run",
      // Bundling takes half as long when its code is not optimised first.
      "--v8-flags=--liftoff-only",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-net=127.0.0.1",
      `--allow-run=${CHROMIUM},${Deno.execPath()}`,
      `--config=${CONFIG}`,
      VISIT,
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("in Chromium: a click gives the affinities and the walk that Deno gives, a dropped photograph the CAM of cam", async () => {
  if (!await Deno.stat(CHROMIUM).catch(() => undefined)) {
    return leaveOut(`no ${CHROMIUM}: apt-get install chromium`);
  }
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
    const { code, out, err } = await visit(folder);
    assertEquals({ code, err }, { code: 0, err: "" });
    const steps = out.trim().split("\n").map((line) => line.split(" ")[0]);
    assertEquals(steps, [
      ...["click", "keyboard", "wasm", "photograph", "page", "page"],
      ...["without", "export"],
    ]);
  });
});
