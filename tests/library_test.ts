import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeRgbPng } from "seamstress";
import { inLibraryProject } from "./library_project.ts";

Deno.test("the examples of docs/library.md run in a project elsewhere, to which an archive of this one is linked", async () => {
  await inLibraryProject(async (deno, folder, files) => {
    assertEquals(files, ["deno.json", "train.ts", "cam.ts", "metric.ts"]);
    const data = Uint8Array.from({ length: 48 * 32 * 3 }, (_, i) => 7 * i % 256);
    const image = { width: 48, height: 32, channels: 3, data };
    await Deno.writeFile(`${folder}/image.png`, encodeRgbPng(image));
    const run = async (file: string) => {
      // Types are checked by tests/long/library_types_test.ts.
      const flags = ["--no-check", "--no-prompt", "--allow-read", "--allow-write=runs"];
      const { code, out, err } = await deno("run", ...flags, file);
      assertEquals(code, 0, `${file}: ${err}`);
      return out;
    };
    await run("train.ts");
    const log = await Deno.readTextFile(`${folder}/runs/mine/metrics.jsonl`);
    assertEquals(log.split("\n").filter((line) => line.includes('"event":"step"')).length, 4);
    const cams = (await run("cam.ts")).trim().split("\n");
    assertEquals(cams.length, 6);
    for (const line of cams) assertMatch(line, /^\S+ -?[\d.e-]+ 48x32 1536$/);
    // Background 1 of 1, cat 1 of 2, dog 0 of 1.
    assertEquals(await run("metric.ts"), "50.0\n");
    await Deno.writeTextFile(
      `${folder}/long.ts`,
      'import { didYouMean } from "@seamstress/seamstress";\nconsole.log(didYouMean("cma", ["cam"]));\n',
    );
    assertEquals(await run("long.ts"), ' (did you mean "cam"?)\n');
    const cli = "jsr:@seamstress/seamstress@^0.1.0/cli";
    const listed = await deno("run", "--allow-read", cli, "plugins");
    assertEquals(listed.code, 0, listed.err);
    assertMatch(listed.out, /\bpuzzle-cam\b/);
    assert(!await Deno.stat(`${folder}/node_modules`).then(() => true, () => false));
  });
});
