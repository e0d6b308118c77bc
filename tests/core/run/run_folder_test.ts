import type { Manifest } from "../../../core/run/manifest.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { parse } from "@std/yaml";
import { isUserError } from "../../../core/errors.ts";
import { RunFolder } from "../../../core/run/run_folder.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** check() and open() both refuse, with a message that says all of `texts`. */
async function refused(path: string, resume: boolean, ...texts: string[]): Promise<void> {
  for (const action of ["check", "open"] as const) {
    const error = await assertRejects(
      async () => void await RunFolder[action](path, { resume }),
      Error,
    );
    assert(isUserError(error), error.message);
    for (const text of [path, ...texts]) {
      assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
    }
  }
}

const script = new URL("processes/hold_run_folder.ts", import.meta.url).pathname;
const recipe = { name: "seam", seed: 1, stages: [{ id: "a", run: "train", note: "${X}: yes" }] };

const manifest: Manifest = {
  seamstress: "0",
  commit: "unknown",
  deno: "2",
  tfjs: "4",
  os: "linux",
  cores: 2,
  backend: "wasm",
  device: "test",
  seed: 1,
  base: "/",
  data: {},
  started: "2026-11-22T00:00:00.000Z",
};

Deno.test("RunFolder makes a folder, keeps the recipe and the manifest, and resumes only when told", () =>
  inFolder(async (parent) => {
    const path = `${parent}/runs/one`;
    await RunFolder.check(path, { resume: false });
    {
      await using run = await RunFolder.open(path, { resume: false });
      assertEquals(run.resumed, false);
      assertEquals(run.path, await Deno.realPath(path));
      assert((await Deno.stat(`${path}/stages`)).isDirectory);
      const options = { lr: 0.01 };
      await run.writeRecipe({ ...recipe, a: options, b: options, none: undefined });
      await run.writeManifest(manifest);
    }
    const text = await Deno.readTextFile(`${path}/recipe.yaml`);
    assertEquals(parse(text), { ...recipe, a: { lr: 0.01 }, b: { lr: 0.01 } });
    assert(!text.includes("&"), "no anchors");
    assertEquals(JSON.parse(await Deno.readTextFile(`${path}/manifest.json`)), manifest);
    await refused(path, false, "--resume");
    await refused(path, false, `--out ${path}-2`);
    await RunFolder.check(path, { resume: true });
    await using again = await RunFolder.open(path, { resume: true });
    assertEquals(again.resumed, true);
  }));

Deno.test("RunFolder accepts an empty folder, and one of a run that was killed before its recipe was written", () =>
  inFolder(async (path) => {
    for (const resume of [false, true, false]) {
      // The first open leaves a lock and an empty folder of stages, as a killed run would.
      await using run = await RunFolder.open(path, { resume });
      assertEquals(run.resumed, false);
    }
  }));

Deno.test("RunFolder refuses to resume where there is nothing", () =>
  inFolder(async (parent) => {
    await refused(`${parent}/none`, true, "there is none");
    assertEquals(await Array.fromAsync(Deno.readDir(parent)), []);
  }));

Deno.test("RunFolder refuses a folder with other files and leaves it as it was", () =>
  inFolder(async (path) => {
    await Deno.writeTextFile(`${path}/thesis.tex`, "");
    await refused(path, false, "thesis.tex", "no recipe.yaml");
    await refused(path, true, "thesis.tex");
    const names = (await Array.fromAsync(Deno.readDir(path))).map((entry) => entry.name);
    assertEquals(names, ["thesis.tex"]);
  }));

Deno.test("RunFolder refuses a file", () =>
  inFolder(async (parent) => {
    await Deno.writeTextFile(`${parent}/file`, "");
    await refused(`${parent}/file`, false);
  }));

Deno.test("RunFolder is one process's at a time, and free again after kill -9", () =>
  inFolder(async (path) => {
    await using child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-read", "--allow-write", script, path],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await refused(path, true, `process ${child.pid} works in it`);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await using run = await RunFolder.open(path, { resume: true });
    assertEquals(run.resumed, true);
  }));

Deno.test("RunFolder notices that its lock was removed or replaced while it worked", () =>
  inFolder(async (path) => {
    for (const replaced of [false, true]) {
      await using run = await RunFolder.open(path, { resume: false });
      await run.checkLock();
      await Deno.remove(`${path}/.lock`);
      if (replaced) await Deno.writeTextFile(`${path}/.lock`, "");
      const error = await assertRejects(() => run.checkLock(), Error);
      assert(isUserError(error));
      for (const text of [path, replaced ? "replaced" : "removed", "--resume"]) {
        assert(error.message.includes(text), error.message);
      }
    }
  }));

Deno.test("RunFolder locks the place that a link leads to, and stays there when the link moves", () =>
  inFolder(async (folder) => {
    const real = await Deno.realPath(folder), path = `${folder}/link`;
    for (const name of ["first", "second"]) await Deno.mkdir(`${folder}/${name}`);
    await Deno.symlink(`${folder}/first`, path);
    await using run = await RunFolder.open(path, { resume: false });
    assertEquals(run.path, `${real}/first`);
    await Deno.remove(path);
    await Deno.symlink(`${folder}/second`, path);
    await run.checkLock();
    await run.writeRecipe(recipe);
    assert((await Deno.stat(`${folder}/first/recipe.yaml`)).isFile);
    await using other = await RunFolder.open(path, { resume: false });
    assertEquals(other.path, `${real}/second`);
    // The same place by another name.
    await refused(`${real}/first`, true, `process ${Deno.pid} works in it`);
  }));

Deno.test("RunFolder refuses links to nothing and links in place of the files that a run appends to", () =>
  inFolder(async (folder) => {
    await Deno.symlink(`${folder}/gone`, `${folder}/link`);
    await refused(`${folder}/link`, false, "link to nothing");
    const precious = `${folder}/precious`;
    await Deno.writeTextFile(precious, "keep");
    for (const name of [".lock", "metrics.jsonl"]) {
      const path = `${folder}/run-${name}`;
      await Deno.mkdir(path);
      await Deno.writeTextFile(`${path}/.lock`, "");
      await Deno.writeTextFile(`${path}/recipe.yaml`, "");
      await Deno.remove(`${path}/${name}`).catch(() => {});
      await Deno.symlink(precious, `${path}/${name}`);
      await refused(path, true, `${name} is a link`);
    }
    assertEquals(await Deno.readTextFile(precious), "keep");
  }));

Deno.test("RunFolder removes the temporary files of killed writes", () =>
  inFolder(async (path) => {
    await Deno.mkdir(`${path}/stages/cams/cams`, { recursive: true });
    const left = `${path}/stages/cams/cams/a.safetensors.0123abcd.tmp`;
    await Deno.writeTextFile(left, "");
    await using _run = await RunFolder.open(path, { resume: false });
    await assertRejects(() => Deno.stat(left), Deno.errors.NotFound);
  }));
