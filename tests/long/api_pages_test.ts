import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { inTempFolder, runDeno } from "../command.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");

Deno.test("the task doc writes a page of each public entry and of what they export, without a warning", async () => {
  const { tasks, exports } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const [deno, ...args] = (tasks.doc.command as string).split(" ");
  assertEquals(deno, "deno");
  const files = args.filter((arg) => arg.endsWith(".ts"));
  const entries = [".", "./ops", "./wsss", "./testing", "./browser", "./plugins"];
  assertEquals(files.map((file) => `./${file}`), entries.map((entry) => exports[entry]));
  await inTempFolder(async (folder) => {
    const { code, out, err } = await runDeno(
      args.map((arg) => arg.startsWith("--output=") ? `--output=${folder}/api` : arg),
    );
    const said = out + err;
    assertEquals(code, 0, said);
    // Deno colours this line whatever it is told.
    // deno-lint-ignore no-control-regex
    assertMatch(said.trim().replaceAll(/\x1b\[\d*m/g, ""), /^Written \d+ files to ".*"$/);
    for (const entry of entries) {
      const page = await Deno.readTextFile(`${folder}/api/${entry}/index.html`);
      assert(page.length > 10_000, `the page of ${entry} is short`);
    }
    const symbols = await Deno.readTextFile(`${folder}/api/all_symbols.html`);
    for (const name of ["definePlugin", "multiScaleCam", "maxOne", "checkGradient"]) {
      assert(symbols.includes(name), name);
    }
  });
});
