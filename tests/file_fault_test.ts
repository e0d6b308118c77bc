import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runSeamstress } from "./command.ts";
import { compareStages, filesBelow } from "./folders.ts";
import { leaveOut } from "./leave_out.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const EXPORT = `${ROOT}recipes/mini/export.yaml`;
const FEW = ["--set", 'export.splits={"val": "val[0:40]"}'];

/** The command line in namespaces of its own, by a script that begins with what it needs; then it runs `"$@"`. */
async function within(
  flags: readonly string[],
  script: string,
  args: readonly string[],
  then = 'exec "$@"',
) {
  const deno = [Deno.execPath(), "run", "--no-prompt", "--allow-read", "--allow-write"];
  const run = [...deno, `--config=${ROOT}deno.json`, `${ROOT}cli.ts`, ...args];
  const output = await new Deno.Command("unshare", {
    args: [...flags, "sh", "-c", `${script} && echo ready && ${then}`, "sh", ...run],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output().catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  const decoder = new TextDecoder();
  if (!decoder.decode(output?.stdout).startsWith("ready\n")) {
    leaveOut(`unshare ${flags.join(" ")} cannot do here: ${script}`);
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

const TRAIN_AND_INFER = `
name: full
backend: wasm
dataset: { use: mini, size: 32 }
stages:
  - id: net
    run: train
    split: "train[0:4]"
    backbone: tiny
    head: cam
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01 }
    batch: { size: 2 }
    epochs: 1
    checkpointEvery: 1
    transforms: [normalize]
  - { id: cams, run: infer, from: net, split: "train[0:24]", scales: [1], flip: false }
`;

/** Bytes of the files below a folder, as a file system of whole pages keeps them. */
async function pagesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const file of await filesBelow(folder)) {
    bytes += Math.ceil((await Deno.stat(`${folder}/${file}`)).size / 4096) * 4096;
  }
  return bytes;
}

Deno.test("a disk that fills up under a checkpoint, and again under a CAM, is said; with more space the run ends as on any disk", async () => {
  await inTempFolder(async (folder) => {
    const recipe = `${folder}/r.yaml`, disk = `${folder}/disk`;
    await Deno.writeTextFile(recipe, TRAIN_AND_INFER);
    await Deno.mkdir(disk);
    const whole = await runSeamstress(["run", recipe, `--out=${folder}/whole`]);
    assertEquals(whole.code, 0, whole.err);
    // Half of the CAMs fit.
    const half = await pagesBelow(`${folder}/whole`) -
      await pagesBelow(`${folder}/whole/stages/cams`) / 2;
    const result = await within(
      ["--map-root-user", "--mount"],
      `mount -t tmpfs -o size=40k tmpfs ${disk}`,
      ["run", recipe, `--out=${disk}/run`, "--set=group=single"],
      [
        '"$@"',
        `mount -o remount,size=${half} ${disk}`,
        '"$@" --resume',
        `mount -o remount,size=20m ${disk}`,
        '"$@" --resume',
        "code=$?",
        `cp -r ${disk}/run ${folder}/found`,
        "exit $code",
      ].join("; "),
    );
    if (!result) return;
    const { code, err } = result;
    assertEquals(code, 0, err);
    const [training, inference, ...more] = err.match(/^error: .*/gm) ?? [];
    assertEquals(more, []);
    assertMatch(training!, /Cannot .*\/net\/checkpoints\/.*disk is full.*resume the run/);
    assertMatch(inference!, /Cannot .*\/cams\/cams\/mini_.*disk is full.*resume the run/);
    assert(!/^ +at /m.test(err), err);
    await compareStages(`${folder}/found`, `${folder}/whole`);
  });
});
