import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { type Method, ROOT } from "../../bench/methods/list.ts";
import { runMethod } from "../../bench/methods/run.ts";
import { Load } from "../../bench/measure/load.ts";
import { inTempFolder } from "../command.ts";

const RECIPE = `
name: short
dataset: { use: mini, size: 16 }
stages:
  - id: train
    run: train
    split: "train[0:16]"
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification]
    optimizer: { use: adam, lr: 0.004 }
    batch: { size: 4 }
    epochs: 40
    checkpointEvery: 2
    transforms: [flip, normalize]
  - { id: cams, run: infer, from: train, split: "train[0:4]", scales: [1], flip: false }
  - { id: score, run: evaluate, from: cams, metric: { use: miou, alpha: 0.3 } }
  - { id: held-out, run: infer, from: train, split: "val[0:12]", scales: [1], flip: false }
  - { id: map, run: evaluate, from: held-out, metric: multilabel }
`;

/** A clock of a machine that does nothing else. */
const idle = new Load(true, { cores: 2, wall: () => 0, machine: () => 0, own: () => 0 });

/** A method of a recipe of its own; its runs are removed. */
async function withMethod(fn: (method: Method, folder: string) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    const recipe = `${folder}/short.yaml`;
    await Deno.writeTextFile(recipe, RECIPE);
    const name = `test-${crypto.randomUUID()}`;
    const run = `${ROOT}/runs/methods/${name}-3`;
    try {
      await fn({ name, recipe, files: [], score: "score", share: 0.5, source: "s" }, run);
    } finally {
      await Deno.remove(run, { recursive: true }).catch(() => {});
    }
  });
}

const logged = async (folder: string): Promise<number[]> =>
  (await Deno.readTextFile(`${folder}/metrics.jsonl`).catch(() => "")).split("\n").slice(0, -1)
    .map((line) => JSON.parse(line)).filter(({ event }) => event === "step")
    .map(({ step }) => step);

Deno.test("a run of a method that was broken off goes on, with what it took before", async () => {
  await withMethod(async (method, folder) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-check", "--allow-read", "--allow-write=runs", "bench/methods/child.ts"],
        ...[method.recipe, folder, "3", `${method.share}`, method.source],
      ],
      cwd: ROOT,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const usage = async () =>
      JSON.parse(await Deno.readTextFile(`${folder}/usage.json`).catch(() => "{}"));
    while ((await logged(folder)).length < 6 || !(await usage()).peakBytes) {
      await new Promise((done) => setTimeout(done, 20));
    }
    // As where the process that started it ends.
    await child.stdin.close();
    assertEquals((await child.status).code, 1);
    const steps = (await logged(folder)).length, before = await usage();
    assert(steps < 80, "the run was over before it was broken off");

    const run = await runMethod(method, 3, 2, idle);
    assertEquals(await logged(folder), Array.from({ length: 80 }, (_, i) => i + 1));
    assert(run.cpuSeconds > before.cpuSeconds && run.peakBytes >= before.peakBytes);
    assert(run.peakBytes > 5e7, `${run.peakBytes}`);
    assertEquals([run.seed, run.share, run.scores.alpha, run.beside], [3, 0.5, 0.3, 2]);
    assert(run.scores.miou > 0 && run.scores.map! > 0, JSON.stringify(run.scores));

    // Of another source nothing stays.
    const again = await runMethod({ ...method, source: "t", share: 0.01 }, 3, 2, idle);
    assertEquals(await logged(folder), [1, 2, 3, 4]);
    assert(again.cpuSeconds < run.cpuSeconds);
  });
});

Deno.test("a run that fails says why", async () => {
  await withMethod(async (method) => {
    await Deno.writeTextFile(method.recipe, RECIPE.replace("use: cam", "use: cma"));
    await assertRejects(() => runMethod(method, 3, 1, idle), Error, 'unknown head "cma"');
  });
});

Deno.test("what a run takes is its own while it goes on, not other programs'", async () => {
  await withMethod(async (method) => {
    let counted = 0;
    const load = new Load(true, { cores: 2, wall: () => 0, machine: () => 0, own: () => 0 });
    const counts: number[] = [];
    load.countPeer = (seconds) => void counts.push(counted += seconds);
    const run = await runMethod(method, 3, 2, load);
    assert(counts.length > 2 && counts.some((seconds) => 0 < seconds && seconds < counted));
    assertAlmostEquals(counted, run.cpuSeconds, 1e-6);
  });
});
