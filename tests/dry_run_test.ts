import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";

const RECIPE = `
name: dry
backend: wasm
dataset: { use: mini, size: 16 }
observers: [jsonl]
stages:
  - id: train
    run: train
    split: "train[0:8]"
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9 }
    batch: { size: 4 }
    epochs: 3
    transforms: [flip, normalize]
  - { id: cams, run: infer, from: train, split: "train[0:6]", scales: [1, 2] }
  - id: crf
    run: refine
    from: cams
    refinements: [power-background, { use: dense-crf, workers: 1 }]
  - { id: score, run: evaluate, from: cams, metric: miou }
`;

/** The cells of a stage's line. */
function cells(out: string, stage: string): string[] {
  const line = out.split("\n").find((line) => line.startsWith(`${stage} `));
  assert(line, out);
  return line.split(/ {2,}/);
}

async function scene(
  fn: (
    run: (...args: string[]) => ReturnType<typeof callSeamstress>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/r.yaml`, RECIPE);
    const out = `--out=${folder}/run`;
    await fn((...args) => callSeamstress(["run", `${folder}/r.yaml`, out, ...args]), folder);
  });
}

Deno.test("run --dry-run prints what every stage reads, takes and leaves, and makes no folder", async () => {
  await scene(async (run, folder) => {
    const { code, out, err } = await run("--dry-run");
    assertEquals(code, 0, err);
    const [, plugin, reads, would, images, steps, , writes, tensors, time] = cells(out, "train");
    assertEquals([plugin, reads, would, images, steps], ["train", "train[0:8]", "run", "8", "6"]);
    for (const bytes of [writes, tensors]) assertMatch(bytes!, /^\d+(\.\d)? [kM]?B$/);
    assertMatch(time!, /^~/);
    assertEquals(cells(out, "cams").slice(2, 6), ["train, train[0:6]", "run", "6", "–"]);
    assertEquals(cells(out, "score").slice(2, 5), ["cams, train[0:6]", "run", "6"]);
    assertEquals(cells(out, "crf").slice(2, 6), ["cams, train[0:6]", "run", "6", "–"]);
    assertEquals(cells(out, "crf").at(-1), "–");
    assertStringIncludes(out, "crf: time unknown: what is computed from scores");
    assertStringIncludes(out, "4 of 4 stages would run");
    assertStringIncludes(out, "measured just now");
    const entries = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(entries, ["r.yaml"]);
  });
});

Deno.test("run --dry-run checks what a run checks", async () => {
  await scene(async (run) => {
    const { code, err } = await run("--dry-run", "--set", "cams.split=trian");
    assertEquals(code, 1);
    assertStringIncludes(err, "trian");
    const wrong = await run("--dry-run", "--only", "camz");
    assertStringIncludes(wrong.err, 'did you mean "cams"');
    const stages = "stages: train, cams, crf, score";
    for (const flag of ["--from", "--until", "--only"]) {
      const empty = await run("--dry-run", flag, "");
      assertEquals(empty.err, `error: Cannot run ${flag} without a stage; ${stages}\n`);
    }
  });
});

Deno.test("run --dry-run refuses to profile what it will not run", async () => {
  await scene(async (run) => {
    for (const flag of ["--profile", "--profile-steps=2-3"]) {
      const { code, err } = await run("--dry-run", flag);
      assertEquals(code, 1);
      assertEquals(
        err,
        "error: Cannot run with --profile and --dry-run: a dry run has no kernels to time; leave one of them out\n",
      );
    }
  });
});

Deno.test("run --dry-run says what --resume, --from and --until would do to a finished run, and takes times from its log", async () => {
  await scene(async (run, folder) => {
    assertEquals((await run("--until", "cams")).code, 0);
    const refused = await run("--dry-run");
    assertStringIncludes(refused.err, "--resume");

    const resumed = await run("--dry-run", "--resume");
    const would = (out: string) => ["train", "cams", "score"].map((id) => cells(out, id)[3]);
    assertEquals(would(resumed.out), ["skip: done", "skip: done", "run"]);

    const like = `--like=${folder}/run`;
    const { out, err } = await run("--dry-run", "--from=train", "--until=cams", like);
    assertEquals(
      would(out),
      ["again: asked for", "again: changed", "left out: --until cams"],
      err,
    );
    assertStringIncludes(out, `time of train, cams: from the log of ${folder}/run`);
    assert(!out.includes("measured just now"), "nothing needs to be measured");

    const before = await Deno.readTextFile(`${folder}/run/stages/cams/stage.json`);
    assertEquals((await run("--from", "cams")).code, 0);
    assert(before !== await Deno.readTextFile(`${folder}/run/stages/cams/stage.json`));
    const names = [...Deno.readDirSync(`${folder}/run/stages`)].map(({ name }) => name).sort();
    assertEquals(names, ["cams", "cams.superseded-1", "crf", "score", "train"]);
  });
});
