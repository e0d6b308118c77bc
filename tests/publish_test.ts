import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { VERSION } from "../core/run/manifest.ts";
import { inTempFolder, runDeno } from "./command.ts";
import { copyPackageTo } from "./copy_package.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

interface Config {
  readonly name: string;
  readonly version: string;
  readonly exports: Record<string, string>;
}
const config: Config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));

/** The export whose types are inferred, so that the compiler checks recipes by them. */
const INFERRED = "./plugins";

/** Simulates publishing a copy of what the package consists of, with some of its exports. */
async function publish(
  exports: (name: string) => boolean,
  plant: (folder: string) => Promise<void> = () => Promise.resolve(),
  ...flags: readonly string[]
): Promise<{ code: number; said: string }> {
  let result = { code: 1, said: "" };
  await inTempFolder(async (folder) => {
    await copyPackageTo(folder);
    const chosen = Object.fromEntries(
      Object.entries(config.exports).filter(([name]) => exports(name)),
    );
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ ...config, exports: chosen, nodeModulesDir: "none", lock: false }),
    );
    await plant(folder);
    // Types are checked by the gate.
    const publishing = ["publish", "--dry-run", "--allow-dirty", "--no-check", ...flags];
    const { code, out, err } = await runDeno(publishing, { cwd: folder });
    result = { code, said: out + err };
  });
  return result;
}

Deno.test("every export but the list of what ships can be published without slow types", async () => {
  const { code, said } = await publish((name) => name !== INFERRED);
  assertEquals(code, 0, said);
  assertStringIncludes(said, `Simulating publish of ${config.name}@${VERSION}`);
  assert(said.includes("/mod.ts (") && said.includes("/docs/extending.md ("), said);
  assert(!said.includes("/tests/"), "tests are published");
});

Deno.test("with the list of what ships the package can be published with slow types alone", async () => {
  const strict = await publish(() => true);
  assertEquals(strict.code, 1);
  assertStringIncludes(strict.said, "missing-explicit-type");
  const { code, said } = await publish(() => true, undefined, "--allow-slow-types");
  assertEquals(code, 0, said);
});

Deno.test("an export of an entry without an explicit type is found", async () => {
  const { code, said } = await publish((name) => name === ".", async (folder) => {
    const path = `${folder}/core/registry/own.ts`;
    const planted = "\nexport const planted = Object.freeze({ a: [1].map(String) });\n";
    await Deno.writeTextFile(path, await Deno.readTextFile(path) + planted);
    const entry = `${folder}/mod.ts`, text = await Deno.readTextFile(entry);
    await Deno.writeTextFile(
      entry,
      text.replace("export { own } from", "export { own, planted } from"),
    );
  });
  assertEquals(code, 1);
  assertStringIncludes(said, "core/registry/own.ts");
});

Deno.test("the package's version is the one that runs and results state", () => {
  assertEquals(config.version, VERSION);
});
