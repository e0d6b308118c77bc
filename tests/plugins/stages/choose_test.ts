import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { readMask } from "../../../plugins/images/mask_store.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { madeCamsStage } from "./made_cams.ts";
import { refusing, runScene, withFolder } from "./scene.ts";

const plugins = [madeCamsStage];
const CHOSEN = "val[0:3]", ALL = "val[0:6]";
const POWERS = [0.1, 0.4, 1.6], SCALE = 0.5;

const cams = { id: "cams", run: "made-cams", split: ALL };
const crf = (iterations: number) => ({ use: "dense-crf", iterations, workers: 0 });
const choose = {
  id: "found",
  run: "choose",
  from: "cams",
  split: CHOSEN,
  maskScale: SCALE,
  refinements: ["power-background", crf(2)],
  values: { "power-background.power": POWERS },
};
const refine = (id: string, power: unknown, more: Record<string, unknown> = {}) => ({
  id,
  run: "refine",
  from: "cams",
  refinements: [{ use: "power-background", power }, crf(2)],
  ...more,
});
const score = (id: string, from: string, split: string) => ({
  id,
  run: "evaluate",
  from,
  split,
  maskScale: SCALE,
  metric: { use: "miou", predictions: "masks" },
});
const rows = async (folder: string) =>
  (await Deno.readTextFile(`${folder}/trials.csv`)).trim().split("\n").slice(1)
    .map((line) => line.split(",").map(Number));
const tableOf = async (folder: string) => (await readResult(folder)).table;

Deno.test("choose scores every combination as refine and evaluate would, and takes the best", async () => {
  await withFolder(async (folder) => {
    const pairs = POWERS.flatMap((power) => [1, 2].map((iterations) => [power, iterations]));
    await runScene(folder, [
      cams,
      {
        ...choose,
        values: { "power-background.power": POWERS, "dense-crf.iterations": [1, 2] },
      },
      ...pairs.flatMap(([power, iterations], i) => [
        {
          ...refine(`masks${i}`, power),
          split: CHOSEN,
          refinements: [
            { use: "power-background", power },
            crf(iterations!),
          ],
        },
        score(`score${i}`, `masks${i}`, CHOSEN),
      ]),
    ], { plugins });
    const scores = await Promise.all(
      pairs.map(async (_, i) => await tableOf(`${folder}/score${i}`)),
    );
    const mious = scores.map(({ summary }) => summary["miou"]!);
    assertEquals(await rows(`${folder}/found`), pairs.map((pair, i) => [...pair, mious[i]!]));
    const best = mious.indexOf(Math.max(...mious));
    assert(new Set(mious).size > 2, `combinations differ: ${mious}`);
    const { summary, rows: classes, note, curves } = await tableOf(`${folder}/found`);
    const [power, iterations] = pairs[best]!;
    assertEquals(summary, {
      miou: mious[best]!,
      "power-background.power": power!,
      "dense-crf.iterations": iterations!,
    });
    assertEquals(classes, scores[best]!.rows);
    assertStringIncludes(note, `best of 6, oracle: best on this split`);
    assertEquals(
      curves?.["mIoU (%) by power-background.power"],
      POWERS.map((power, i) => [power, Math.max(mious[2 * i]!, mious[2 * i + 1]!)]),
    );
  });
});

Deno.test("a later stage takes the power that was chosen, and its scores say on which images", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, [
      cams,
      choose,
      refine("following", { from: "found" }, { keepScores: true }),
      { ...refine("again", 1), from: "following", refinements: [crf(1)] },
      score("others", "following", "val[3:6]"),
      score("some", "following", "val[2:6]"),
      score("same", "following", CHOSEN),
      score("twice", "again", "val[3:6]"),
    ], { plugins });
    const found = await tableOf(`${folder}/found`);
    const power = found.summary["power-background.power"]!;
    const other = `${folder}/other`;
    await Deno.mkdir(other);
    const wrong = POWERS.find((tried) => tried !== power)!;
    await runScene(other, [cams, refine("fixed", power), refine("wrong", wrong)], { plugins });
    const masks = (path: string) =>
      Promise.all([0, 1, 2, 3, 4, 5].map((i) => readMask(`${path}/masks`, `mini_060${i}`, 6)));
    assertEquals(await masks(`${folder}/following`), await masks(`${other}/fixed`));
    assertNotEquals(await masks(`${folder}/following`), await masks(`${other}/wrong`));
    const told = `power-background.power ${power}, `;
    const chosen = (overlap = "") => `${told}chosen on ${CHOSEN} (3 images, stage found${overlap})`;
    const noteOf = async (id: string) => (await tableOf(`${folder}/${id}`)).note;
    assertStringIncludes(await noteOf("others"), chosen());
    assertStringIncludes(await noteOf("some"), chosen(", 1 of them scored here"));
    assertStringIncludes(await noteOf("same"), `${told}oracle: best on this split`);
    assertStringIncludes(await noteOf("twice"), chosen());
    assertEquals((await tableOf(`${folder}/same`)).rows, found.rows);
  });
});

Deno.test("values of no refinement of the chain, and choices that no stage makes, are refused before anything runs", async () => {
  await withFolder(async (folder) => {
    const refused = refusing(folder, { plugins });
    const values = (options: Record<string, unknown>) => [cams, { ...choose, values: options }];
    await refused(
      values({ "power-backgroud.power": [1] }),
      TypeError,
      "expected REFINEMENT.OPTION of one of power-background, dense-crf",
    );
    await refused(values({ power: [1] }), TypeError, "expected REFINEMENT.OPTION");
    await refused(values({}), TypeError, "expected at least one option");
    await refused(values({ "power-background.pwer": [1] }), TypeError, 'unknown key "pwer"');
    await refused(values({ "power-background.power": [2, -1] }), TypeError, "power");
    await refused(values({ "power-background.power": [] }), TypeError, "power-background.power");
    const walk = { use: "power-background", power: { from: "score" } };
    await refused(
      [
        cams,
        { id: "score", run: "evaluate", from: "cams", metric: "miou" },
        { ...refine("late", 1), refinements: [walk] },
      ],
      TypeError,
      'it takes power-background.power from stage "score", which chooses nothing: it is no stage choose',
    );
    await refused(
      [
        cams,
        { ...choose, values: { "dense-crf.iterations": [1, 2] } },
        refine("late", { from: "found" }),
      ],
      TypeError,
      'it takes power-background.power from stage "found", which chooses dense-crf.iterations',
    );
    await refused(
      [cams, refine("late", { from: "found" })],
      RangeError,
      'no earlier stage "found"',
    );
    await refused(
      [cams, { ...choose, refinements: [crf(1)], values: { "dense-crf.iterations": [1] } }],
      TypeError,
      "refinement dense-crf needs a background",
    );
    assertEquals([...Deno.readDirSync(folder)].length, 0);
  });
});
