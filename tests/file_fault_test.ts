import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runSeamstress } from "./command.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const EXPORT = `${ROOT}recipes/mini/export.yaml`;
const FEW = ["--set", 'export.splits={"val": "val[0:40]"}'];

/** The command line in namespaces of its own, by a script that begins with what it needs and ends with `exec "$@"`. */
async function within(flags: readonly string[], script: string, args: readonly string[]) {
  const deno = [Deno.execPath(), "run", "--no-prompt", "--allow-read", "--allow-write"];
  const run = [...deno, `--config=${ROOT}deno.json`, `${ROOT}cli.ts`, ...args];
  const output = await new Deno.Command("unshare", {
    args: [...flags, "sh", "-c", `${script} && echo ready && exec "$@"`, "sh", ...run],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output().catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  const decoder = new TextDecoder();
  if (!decoder.decode(output?.stdout).startsWith("ready\n")) {
    // deno-lint-ignore no-console -- a skipped test must be seen
    console.warn(`\n!!! SKIPPED: unshare ${flags.join(" ")} cannot do here: ${script} !!!\n`);
    return undefined;
  }
  return { code: output!.code, err: decoder.decode(output!.stderr) };
}

/** A user error is one line or two; a stack trace would name our files. */
function assertSays(result: { code: number; err: string } | undefined, ...texts: string[]): void {
  if (!result) return;
  assertEquals(result.code, 1, result.err);
  for (const text of ["error: ", ...texts]) {
    assert(result.err.includes(text), `"${result.err}" does not say "${text}"`);
  }
  assert(!/^ +at /m.test(result.err), result.err);
}

/** Nobody in particular: what only its owner may read, this user may not, even where the tests run as root. */
const asStranger = (args: readonly string[]) => within(["--user"], ":", args);

Deno.test("a photograph, a mask, weights and a run folder that this user may not use are named", async () => {
  await inTempFolder(async (folder) => {
    const made = await runSeamstress(["run", EXPORT, ...FEW, "--out", `${folder}/made`]);
    assertEquals(made.code, 0, made.err);
    await Deno.chmod(folder, 0o755);
    const data = `${folder}/made/stages/export/data`, devkit = `${data}/VOCdevkit/VOC2012`;
    const [first] = (await Deno.readTextFile(`${devkit}/ImageSets/Segmentation/val.txt`)).split(
      "\n",
    );
    const recipe = `${folder}/recipe.json`;
    const head = { use: "cam" };
    await Deno.writeTextFile(
      recipe,
      JSON.stringify({
        name: "x",
        backend: "cpu",
        dataset: { use: "voc12", root: data, labels: "masks", classes: ["disk", "ring"] },
        stages: [{
          id: "net",
          run: "import-checkpoint",
          split: "val",
          backbone: "tiny",
          head,
          weights: { use: "safetensors", file: `${folder}/weights.safetensors` },
        }],
      }),
    );
    const closed = async (path: string, args: readonly string[], ...texts: string[]) => {
      const { mode } = await Deno.stat(path);
      await Deno.chmod(path, 0);
      try {
        assertSays(await asStranger(args), path, "ermission denied", ...texts);
      } finally {
        await Deno.chmod(path, mode!);
      }
    };
    const check = ["data", "check", data, "--labels", `${data}/labels.json`];
    await closed(`${devkit}/JPEGImages`, check);
    const labels = ["data", "labels", data, "--from", "masks", "--classes", "disk,ring"];
    await closed(`${devkit}/SegmentationClass/${first}.png`, labels);
    await Deno.writeTextFile(`${folder}/weights.safetensors`, "");
    await closed(`${folder}/weights.safetensors`, ["run", recipe, "--out", "/tmp/never"]);
    await closed(recipe, ["run", recipe, "--out", "/tmp/never"]);
    await Deno.mkdir(`${folder}/closed`, { mode: 0o555 });
    assertSays(
      await asStranger(["run", EXPORT, ...FEW, "--out", `${folder}/closed/run`]),
      `Cannot make the run folder ${folder}/closed/run`,
      "ermission denied",
    );
  });
});

Deno.test("an export to a disk that fills up, and to one that is read-only, says so", async () => {
  await inTempFolder(async (folder) => {
    const mount = (options: string) => `mount -t tmpfs -o ${options} tmpfs ${folder}/disk`;
    await Deno.mkdir(`${folder}/disk`);
    const run = [
      "run",
      EXPORT,
      "--out",
      `${folder}/run`,
      "--set",
      `export.to=${folder}/disk/data`,
      ...FEW,
    ];
    const mounting = ["--map-root-user", "--mount"];
    const again = [...run, "--resume"];
    assertSays(
      await within(mounting, mount("size=40k"), run),
      `${folder}/disk/data.partial/VOCdevkit`,
      "No space left on device; free some space and resume the run",
    );
    const readOnly = `${mount("size=1m")} && mount -o remount,ro ${folder}/disk`;
    assertSays(
      await within(mounting, readOnly, again),
      `Cannot make the folder '${folder}/disk/data.partial'`,
      "its file system is mounted read-only",
    );
  });
});
