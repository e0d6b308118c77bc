import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeRgbPng } from "seamstress";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder } from "./command.ts";
import { copyFolder } from "./folders.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");
const page = await Deno.readTextFile(`${ROOT}/docs/library.md`);

/** The files that docs/library.md shows, by name. */
const FILES = new Map(
  [...page.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [name!, text!]),
);

/** Copies what a release's archive would hold. */
async function unpackTo(folder: string): Promise<void> {
  const { publish: { include } } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  await Deno.mkdir(folder);
  for (const name of include) {
    const { isDirectory } = await Deno.stat(`${ROOT}/${name}`);
    if (isDirectory) await copyFolder(`${ROOT}/${name}`, `${folder}/${name}`);
    else await Deno.copyFile(`${ROOT}/${name}`, `${folder}/${name}`);
  }
}

Deno.test("the examples of docs/library.md run in a project elsewhere, beside an unpacked archive of this one", async () => {
  assertEquals([...FILES.keys()], ["deno.json", "train.ts", "cam.ts", "metric.ts"]);
  await inTempFolder(async (folder) => {
    await unpackTo(`${folder}/seamstress`);
    for (const [name, text] of FILES) await Deno.writeTextFile(`${folder}/${name}`, text);
    const data = Uint8Array.from({ length: 48 * 32 * 3 }, (_, i) => 7 * i % 256);
    await Deno.writeFile(
      `${folder}/image.png`,
      encodeRgbPng({ width: 48, height: 32, channels: 3, data }),
    );
    const run = async (file: string) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        // Types are checked by tests/long/library_types_test.ts.
        args: ["run", "--no-check", "--no-prompt", "--allow-read", "--allow-write=runs", file],
        cwd: folder,
        env: { NO_COLOR: "1" },
        stdin: "null",
      }).output();
      assertEquals(code, 0, `${file}: ${new TextDecoder().decode(stderr)}`);
      return new TextDecoder().decode(stdout);
    };
    await run("train.ts");
    const log = await Deno.readTextFile(`${folder}/runs/mine/metrics.jsonl`);
    assertEquals(log.split("\n").filter((line) => line.includes('"event":"step"')).length, 4);
    const cams = (await run("cam.ts")).trim().split("\n");
    assertEquals(cams.length, 6);
    for (const line of cams) assertMatch(line, /^\S+ -?[\d.e-]+ 48x32 1536$/);
    // Background 1 of 1, cat 1 of 2, dog 0 of 2: 50 %.
    assertEquals(await run("metric.ts"), "50.0\n");
    assert(!await Deno.stat(`${folder}/node_modules`).then(() => true, () => false));
  });
});
