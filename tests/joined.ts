/**
 * Runs the tests as `deno task test` does. Deno starts an isolate for every test file, which loads tfjs and the plugins anew and compiles
 * its kernels; so files share isolates, some each, but for those that take long. A file that is run by itself, with
 * `deno task test-file`, has one of its own.
 *
 * @module
 */
import { fromFileUrl } from "../core/recipe/paths.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** Run one at a time, or by tasks of their own. */
const NOT_HERE = ["tests/alone", "tests/long"];

/** Files and folders that have an isolate of their own, since they take long: a part of the others would keep all of them waiting. */
const APART = [
  "tests/bench/methods_run_test.ts",
  "tests/device_failure_test.ts",
  "tests/extending_test.ts",
  "tests/file_fault_test.ts",
  "tests/half_precision_run_test.ts",
  "tests/library_test.ts",
  "tests/outside",
  "tests/permissions_test.ts",
  "tests/plugins/commands/export_test.ts",
  "tests/plugins/commands/sweep_test.ts",
  "tests/plugins/forecast",
  "tests/plugins/groups",
  "tests/plugins/shards",
  "tests/publish_test.ts",
  "tests/recipes_photographs_test.ts",
  "tests/recipes_test.ts",
  "tests/resume_test.ts",
  "tests/stop_test.ts",
  "tests/studio",
  "tests/voc12_methods_run_test.ts",
  "tests/voc12_recipe_test.ts",
];

/** Files that share an isolate. */
const FILES_EACH = 16;

const below = (path: string, folders: readonly string[]) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

/**
 * Finds the tests of the task.
 *
 * @param folder below which, from the project's root
 * @returns paths from the root, sorted
 */
export async function testFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await testFiles(path));
    else if (name.endsWith("_test.ts")) found.push(path);
  }
  return found.filter((path) => !below(path, NOT_HERE)).sort();
}

/**
 * Tells which files share an isolate.
 *
 * @param files paths of test files, sorted
 * @returns those that have one of their own first, since they take longest; then the others, neighbours together
 */
export function isolates(files: readonly string[]): string[][] {
  const shared = files.filter((path) => !below(path, APART));
  const parts = Array.from(
    { length: Math.ceil(shared.length / FILES_EACH) },
    (_, i) => shared.slice(i * FILES_EACH, (i + 1) * FILES_EACH),
  );
  return [...files.filter((path) => below(path, APART)).map((path) => [path]), ...parts];
}

/** What Deno calls the tests of an isolate by: its number, and the file or the first and the last folder of them. */
function nameOf(files: readonly string[], index: number): string {
  const short = (path: string) => path.replace("tests/", "").replaceAll("/", ".");
  const folders = [files[0]!, files.at(-1)!].map((path) => short(path.replace(/\/[^/]*$/, "")));
  const name = files.length === 1
    ? short(files[0]!)
    : `${[...new Set(folders)].join("-to-")}_test.ts`;
  return `${String(index).padStart(3, "0")}_${name}`;
}

/** Starts Deno's test runner. @returns its exit code */
async function run(args: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "seamstress-tests-" });
  try {
    for (const [i, files] of isolates(await testFiles("tests")).entries()) {
      // Deno runs the modules of a folder in order of their names.
      await Deno.writeTextFile(
        `${folder}/${nameOf(files, i)}`,
        files.map((path) => `import "file://${ROOT}${path}";\n`).join(""),
      );
    }
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "test-file", "--no-check", "--parallel", ...args, folder],
      cwd: ROOT,
      // One more than cores: some tests wait for processes that they started.
      env: { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? `${navigator.hardwareConcurrency + 1}` },
    }).spawn().status;
    return code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await run(Deno.args));
