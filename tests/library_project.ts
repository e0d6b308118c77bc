import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder } from "./command.ts";
import { copyFolder } from "./folders.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Deno in the project: exit code and what it said. */
type InProject = (
  ...args: readonly string[]
) => Promise<{ code: number; out: string; err: string }>;

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

/**
 * Makes the project that docs/library.md describes: an unpacked archive of this repository, linked, and the files that the page shows.
 *
 * @param fn called with Deno in that project, its folder and the names of the files
 */
export async function inLibraryProject(
  fn: (deno: InProject, folder: string, files: readonly string[]) => Promise<void>,
): Promise<void> {
  const page = await Deno.readTextFile(`${ROOT}/docs/library.md`);
  const files = new Map(
    [...page.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [name!, text!]),
  );
  await inTempFolder(async (folder) => {
    await unpackTo(`${folder}/seamstress`);
    for (const [name, text] of files) await Deno.writeTextFile(`${folder}/${name}`, text);
    const deno: InProject = async (...args) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...args],
        cwd: folder,
        env: { NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { code, out: out!, err: err! };
    };
    const linked = await deno("link", "./seamstress");
    assertEquals(linked.code, 0, linked.err);
    await fn(deno, folder, [...files.keys()]);
  });
}
