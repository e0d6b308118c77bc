import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { fromFileUrl } from "../../../core/recipe/paths.ts";
import { parseGrid, parseSeeds, sweepRuns } from "../../../plugins/commands/sweep/grid.ts";
import { RUN_FLAGS } from "../../../plugins/commands/sweep/run_one.ts";
import { inTempFolder, runSeamstress, seamstress } from "../../command.ts";
import { signalled } from "../../signalled.ts";
import { SHORT_RUN } from "./short_run.ts";

const ROOT = fromFileUrl(new URL("../../../", import.meta.url));

/** What the task allows besides; its variables are those of the runs. */
const permissions = [
  "--allow-env=VOC_ROOT,VOC_LABELS,VOC_ANIMALS,RESNET38,RESNET50,MOBILENETV2",
  `--allow-run=${Deno.execPath()}`,
];

/** Runs a sweep whose runs train on one thread. */
const sweep = (args: readonly string[]) =>
  runSeamstress(["sweep", ...args, "--set=group=single"], { permissions });

Deno.test("a sweep runs every setting with every seed, by shards, resumes, and its table holds what the runs scored", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/r.yaml`, SHORT_RUN);
    const to = `${folder}/sweep`;
    const args = [`${folder}/r.yaml`, "--seeds=0-1", "--grid=losses.er.weight=1,9", `--out=${to}`];
    const half = await sweep([...args, "--shard=1/2", "--jobs=2"]);
    assertEquals(half.code, 0, half.err);
    assertStringIncludes(half.err, "2 of 4 runs have scores");
    // A run that was killed within a stage: the sweep goes on with it.
    await Deno.remove(`${to}/losses.er.weight=1_seed=0/stages/score`, { recursive: true });
    const whole = await sweep(args);
    assertEquals(whole.code, 0, whole.err);
    assertStringIncludes(whole.err, "4 of 4 runs have scores");
    const log = await Deno.readTextFile(`${to}/losses.er.weight=9_seed=0/metrics.jsonl`);
    assertEquals(
      log.match(/"event":"run"|"state":"begin"/g)?.length,
      3,
      "finished stages were skipped",
    );

    const { rows } = JSON.parse(await Deno.readTextFile(`${to}/sweep.json`));
    for (const weight of ["1", "9"]) {
      const scores = await Promise.all([0, 1].map(async (seed) => {
        const run = `${to}/losses.er.weight=${weight}_seed=${seed}`;
        const recipe = await Deno.readTextFile(`${run}/recipe.yaml`);
        assertStringIncludes(recipe, `seed: ${seed}\n`);
        assertStringIncludes(recipe, `- use: er\n        weight: ${weight}\n`);
        const table = JSON.parse(await Deno.readTextFile(`${run}/stages/score/table.json`));
        return table.table.summary.miou as number;
      }));
      const row = rows.find((row: { settings: Record<string, string>; metric: string }) =>
        row.settings["losses.er.weight"] === weight && row.metric === "miou"
      );
      const [a, b] = scores as [number, number];
      assertEquals(row.n, 2);
      assertAlmostEquals(row.mean, (a + b) / 2, 1e-9);
      assertAlmostEquals(row.std, Math.abs(a - b) / Math.SQRT2, 1e-9);
      assertStringIncludes(
        await Deno.readTextFile(`${to}/sweep.md`),
        `| ${weight} | score | ${((a + b) / 2).toFixed(2)} ± ${row.std.toFixed(2)} (2) |`,
      );
    }
    const csv = await Deno.readTextFile(`${to}/sweep.csv`);
    assertStringIncludes(csv, "losses.er.weight,stage,metric,mean,std,n,seeds,values,measured\n");
    assertEquals(whole.out, await Deno.readTextFile(`${to}/sweep.md`));
  });
});

Deno.test("a sweep says that a run failed and goes on; a wrong setting is refused before any run", async () => {
  await inTempFolder(async (folder) => {
    // At such a rate the weights are no numbers any more after a step, which ends that run alone.
    await Deno.writeTextFile(`${folder}/r.yaml`, SHORT_RUN);
    const args = [`${folder}/r.yaml`, `--out=${folder}/sweep`];
    const wrong = await sweep([...args, "--grid=losses.er.weight=1,heavy"]);
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.err, "losses[1].weight");
    assert(!await Deno.stat(`${folder}/sweep`).then(() => true, () => false));
    const failed = await sweep([...args, "--grid=optimizer.lr=0.01,1e30"]);
    assertEquals(failed.code, 1, failed.err);
    assertStringIncludes(failed.err, "2/2 optimizer.lr=1e30_seed=1: failed, exit code 1");
    assertStringIncludes(failed.err, "1 of 2 runs have scores");
    const collected = await sweep([...args, "--grid=optimizer.lr=0.01", "--collect", "--json"]);
    assertEquals(JSON.parse(collected.out).rows[0].n, 1);
  });
});

Deno.test("a sweep that SIGTERM stops passes it on to its run, begins no other and says how it goes on", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/r.yaml`, SHORT_RUN);
    const args = [
      `${folder}/r.yaml`,
      `--out=${folder}/sweep`,
      "--seeds=0-1",
      "--set=seam.epochs=400",
    ];
    const child = seamstress(["sweep", ...args], { permissions }).spawn();
    const { code, err } = await signalled(child, `${folder}/sweep/seed=0`, "SIGTERM");
    assertEquals(code, 143, err);
    assertStringIncludes(err, "1/2 seed=0: stopped");
    assert(!err.includes("2/2"), err);
    assertStringIncludes(err, "the same command goes on with it");
    const log = await Deno.readTextFile(`${folder}/sweep/seed=0.log`);
    assertStringIncludes(log, "Stopped training seam after step");
  });
});

Deno.test("a run of a sweep is started as by the task run", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const flags = (tasks.run.command as string).split(" ").filter((each) => each.startsWith("--"));
  assertEquals(
    flags.filter((flag) => !flag.startsWith("--allow-write")).sort(),
    [...RUN_FLAGS].sort(),
  );
});

Deno.test("seeds and grids that are none are refused", () => {
  for (const text of ["", "a", "3-1", "1,", "-1", "1.5"]) {
    assertThrows(() => parseSeeds(text), RangeError, "--seeds");
  }
  for (const text of ["a", "a=", "=1", "a=1,,2", "a=1,1"]) {
    assertThrows(() => parseGrid(text), SyntaxError, "--grid");
  }
  assertEquals(parseGrid("a='x,y',{ b: 1, c: 2 }").values, ["'x,y'", "{ b: 1, c: 2 }"]);
  assertThrows(() => sweepRuns([parseGrid("a=1,2"), parseGrid("a=3")], [0]), RangeError, "twice");
  assertThrows(() => sweepRuns([parseGrid("a=x/y,x:y")], [0]), RangeError, "named");
});
