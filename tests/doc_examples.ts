/**
 * Runs the examples of doc comments as `deno task test-docs` does: those that `deno test --doc` runs, under the same names. Deno gives each
 * an isolate of its own, which loads tfjs and the plugins anew; here some share one. An example imports all that it uses, of its own file too.
 *
 * @module
 */
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder } from "./command.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** What `deno task test-docs` goes through. */
export const DOCUMENTED = ["core", "plugins", "mod.ts"];

/** Examples that share an isolate. */
const EXAMPLES_EACH = 70;

/** An example of a doc comment. */
export interface Example {
  /** As Deno calls it, from the root: `core/errors.ts#19-25.ts`, from its first line to the one after its last. */
  readonly name: string;
  /** A module whose lines have the numbers that they have in the file; it imports by absolute paths. */
  readonly module: string;
}

/**
 * Takes the examples out of the doc comments of a file: code blocks of TypeScript or JavaScript that are not marked `ignore`.
 *
 * @param path from the root
 * @param text what the file holds
 * @param root the folder that paths start from, with a slash at its end
 */
export function examplesOf(path: string, text: string, root = ROOT): Example[] {
  const examples: Example[] = [];
  for (const comment of text.matchAll(/\/\*\*[^]*?\*\//g)) {
    for (const block of comment[0].matchAll(/```(ts|js) *\n([^]*?)```/g)) {
      const first = text.slice(0, comment.index + block.index).split("\n").length;
      const lines = block[2]!.split("\n").map((line) => line.replace(/^[\s*]*\*(?: # | |$)/, ""));
      const code = lines.join("\n").replace(
        /^(import |[^"'`]*\bfrom )"(?=\.\.?\/)/gm,
        `$1"file://${root}${path.replace(/[^/]*$/, "")}`,
      );
      const name = `${path}#${first}-${first + lines.length + 1}.${block[1]}`;
      examples.push({ name, module: "\n".repeat(first) + code });
    }
  }
  return examples;
}

/** Finds all examples of files and folders. @param paths from the root @returns sorted by path */
export async function allExamples(paths: readonly string[], root = ROOT): Promise<Example[]> {
  const examples: Example[] = [];
  for (const path of paths) {
    if ((await Deno.stat(root + path)).isFile) {
      examples.push(...examplesOf(path, await Deno.readTextFile(root + path), root));
      continue;
    }
    const names = await Array.fromAsync(Deno.readDir(root + path), ({ name }) => `${path}/${name}`);
    examples.push(...await allExamples(names.sort(), root));
  }
  return examples;
}

/** Writes modules whose tests are examples. @param folder an empty one, for them */
export async function writeExamples(examples: readonly Example[], folder: string): Promise<void> {
  for (let start = 0; start < examples.length; start += EXAMPLES_EACH) {
    const shared = examples.slice(start, start + EXAMPLES_EACH);
    let tests = "";
    for (const { name, module } of shared) {
      const file = name.replaceAll("/", ".").replace("#", "_");
      await Deno.writeTextFile(`${folder}/${file}`, module);
      tests += `Deno.test("${name}", async () => void await import("./${file}"));\n`;
    }
    await Deno.writeTextFile(`${folder}/${start}_test.ts`, tests);
  }
}

if (import.meta.main) {
  await inTempFolder(async (folder) => {
    const paths = Deno.args.length > 0 ? Deno.args : DOCUMENTED;
    await writeExamples(await allExamples(paths, `${Deno.cwd()}/`), folder);
    const options = ["--no-check", "--parallel", "--allow-read", "--allow-write"];
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", ...options, `--config=${ROOT}deno.json`, folder],
    }).spawn().status;
    Deno.exitCode = code;
  });
}
