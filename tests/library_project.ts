import { assertEquals } from "@std/assert";
import { inTempFolder, runDeno } from "./command.ts";
import { copyPackageTo } from "./copy_package.ts";
import { shownFiles } from "./readme/shown_files.ts";

/** Deno in the project: exit code and what it said. */
type InProject = (...args: readonly string[]) => ReturnType<typeof runDeno>;

/**
 * Makes the project that docs/library.md describes: an unpacked archive of this repository, linked, and the files that the page shows.
 *
 * @param fn called with Deno in that project, its folder and the names of the files
 */
export async function inLibraryProject(
  fn: (deno: InProject, folder: string, files: readonly string[]) => Promise<void>,
): Promise<void> {
  const page = await Deno.readTextFile(new URL("../docs/library.md", import.meta.url));
  const files = shownFiles(page);
  await inTempFolder(async (folder) => {
    await copyPackageTo(`${folder}/seamstress`);
    for (const [name, text] of files) await Deno.writeTextFile(`${folder}/${name}`, text);
    const deno: InProject = (...args) => runDeno(args, { cwd: folder });
    const linked = await deno("link", "./seamstress");
    assertEquals(linked.code, 0, linked.err);
    await fn(deno, folder, [...files.keys()]);
  });
}
