import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { drawCurves } from "../../bench/photographs/curves.ts";
import { gather, gatherHalves, gatherTimes } from "../../bench/photographs/gather.ts";
import { renderResults, withResults } from "../../bench/photographs/page.ts";
import { CURVES, PAGE, type PhotographRun, readResults } from "../../bench/photographs/results.ts";
import { inTempFolder } from "../command.ts";

Deno.test("docs/photographs.md shows what its results say; else run: deno task photographs", async () => {
  const [page, results] = await Promise.all([Deno.readTextFile(PAGE), readResults()]);
  assertEquals(page, withResults(page, results));
  assertEquals(await Deno.readTextFile(CURVES), drawCurves(results));
});

/** Lines of a log, tables and manifest of a run of two stages. */
async function writeRun(folder: string): Promise<void> {
  const step = (step: number, loss: number) => ({
    event: "step",
    stage: "seam",
    step,
    losses: { loss },
  });
  const log = [
    step(1, 9),
    step(2, 4),
    { event: "memory", bytes: 5e6 },
    // Done again after a kill.
    step(2, 2),
    { event: "memory", bytes: 3e6 },
    { event: "stage", stage: "seam", state: "finished", seconds: 1.25 },
  ];
  const files = {
    "metrics.jsonl": log.map((line) => JSON.stringify(line)).join("\n"),
    "recipe.yaml": "name: tried\n",
    "manifest.json": JSON.stringify({
      seed: 7,
      device: "wasm",
      commit: "abcdefghi",
      started: "2026-01-02T03",
    }),
    "stages/seam/stage.json": JSON.stringify({
      artifact: { kind: "checkpoint", info: { steps: 2 } },
    }),
    "stages/cam-val/stage.json": JSON.stringify({ artifact: { kind: "table", info: {} } }),
    "stages/cam-val.1/stage.json": "set aside",
    "stages/cam-val/table.json": JSON.stringify({
      table: {
        columns: ["class", "IoU (%)"],
        rows: [["background", 80], ["cat", 40.123], ["mean", 60]],
        summary: { miou: 60.06 },
        note: "alpha 0.4",
      },
    }),
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${name}`.replace(/[^/]+$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

Deno.test("a run's losses, scores, memory and size are gathered", async () => {
  await inTempFolder(async (folder) => {
    await writeRun(folder);
    const run = await gather(folder);
    assertEquals(run.curves, [{ stage: "seam", points: [[1, 9], [2, 2]] }]);
    assertEquals(run.scores, { "cam-val": { miou: 60.06, note: "alpha 0.4" } as never });
    assertEquals(run.classes, { "cam-val": { background: 80, cat: 40.12 } });
    assertEquals([run.seed, run.recipe, run.steps["seam"], run.seconds["seam"]], [
      7,
      "tried",
      2,
      1.3,
    ]);
    assertEquals(run.peakBytes, 5e6);
    assert(run.bytes > 500);
  });
});

Deno.test("a table has every seed, the mean and the spread; a seed that lacks a stage has no mean", async () => {
  await inTempFolder(async (folder) => {
    await writeRun(folder);
    const one = await gather(folder);
    const with_ = (seed: number, miou: number): PhotographRun => ({
      ...one,
      seed,
      scores: {
        ...one.scores,
        "cam-val": { miou } as never,
        ...seed === 1 && { "crf-val": { miou: 61 } as never },
      },
    });
    const text = renderResults({ machine: "two cores", runs: [with_(1, 50), with_(2, 53)] });
    const row = (name: string) =>
      text.split("\n").find((line) => line.startsWith(`| ${name} `))!.split("|").map((cell) =>
        cell.trim()
      );
    assertEquals(row("CAMs, threshold").slice(5, 8), ["50.0", "53.0", "51.5 (50.0 – 53.0)"]);
    assertEquals(row("CRF").slice(5, 8), ["61.0", "", ""]);
    assert(drawCurves({ machine: "", runs: [with_(1, 50), with_(2, 53)] }).includes("seed 2"));
  });
});

Deno.test("stages of two runs are compared by the clock, losses of two runs are drawn side by side", async () => {
  await inTempFolder(async (folder) => {
    await writeRun(folder);
    const times = await gatherTimes("two cores", [folder, folder]);
    assertEquals(times.seconds, [["seam", 1.3, 1.3]]);
    const halves = await gatherHalves("two cores", [folder, folder]);
    const points = [[1, 9], [2, 2]] as const;
    assertEquals(halves.curves, [{ name: "float32", points }, { name: "float16", points }]);
    const results = {
      machine: "",
      runs: [],
      halves,
      times: { ...times, seconds: [["seam", 3, 2], ["cams", 1, 0.5]] as const },
    };
    const text = renderResults(results);
    for (const row of [/`seam` +\| 3.0 .* 2.0 .* 1.50x/, /all +\| 4.0 .* 2.5 .* 1.60x/]) {
      assertMatch(text, row);
    }
    assert(drawCurves(results).includes("float16"));
  });
});

Deno.test("a page without marks is refused by name", () => {
  assertThrows(
    () => withResults("# P\n", { machine: "", runs: [] }),
    Error,
    "docs/photographs.md lacks",
  );
});
