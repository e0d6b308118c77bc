import { finishedArtifact, plannedArtifact } from "../../../core/contracts/artifact.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as z from "zod";
import { isUserError } from "../../../core/errors.ts";
import { encodeIndexedPng, encodeRgbPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { network, runScene, withFolder } from "./scene.ts";

const SPLIT = "val[0:4]";
const metric = { use: "miou", predictions: "masks" };

/** The masks of the scored images, by name. */
async function truths(): Promise<[string, Raster][]> {
  const dataset = await new Registry([mini])
    .create("dataset", { use: "mini", size: 32 }, { split: SPLIT, base: "/" });
  return await Promise.all(
    Array.from({ length: dataset.length }, async (_, i): Promise<[string, Raster]> => {
      return [dataset.name(i), (await dataset.read(i, { mask: true })).mask!];
    }),
  );
}

/** Writes the true masks as predictions; pixels without truth become background. */
async function writeTruth(folder: string): Promise<[string, Raster][]> {
  await Deno.mkdir(folder, { recursive: true });
  const masks = await truths();
  for (const [name, mask] of masks) {
    const data = (mask.data as Uint8Array).map((label) => label === 255 ? 0 : label);
    const png = encodeIndexedPng({ ...mask, data }, vocPalette());
    await Deno.writeFile(`${folder}/${name}.png`, png);
  }
  return masks;
}

Deno.test("evaluate scores a folder of masks that were made elsewhere, and says so", async () => {
  await withFolder(async (folder) => {
    const masks = `${folder}/theirs/pseudo`;
    const written = await writeTruth(masks);
    // One object pixel of one image is missed.
    const [name, truth] = written[1]!;
    const data = (truth.data as Uint8Array).map((label) => label === 255 ? 0 : label);
    const missed = data.findIndex((label) => label > 0);
    const label = data[missed]!;
    data[missed] = 0;
    await Deno.writeFile(
      `${masks}/${name}.png`,
      encodeIndexedPng({ ...truth, data }, vocPalette()),
    );
    const stages = [{ id: "score", run: "evaluate", masks, split: SPLIT, metric }];
    await runScene(`${folder}/run`, stages);
    const { table, about } = await readResult(`${folder}/run/score`);
    assertEquals([about.from, about.checkpoint, about.images], [masks, "pseudo", 4]);
    assertEquals(table.title, `score: pseudo on ${SPLIT}, 4 images`);
    assertEquals(table.threshold, undefined);
    assert(table.note.startsWith("masks as predicted"), table.note);
    const pixels = written.flatMap(([, mask]) => [...mask.data]);
    const count = pixels.filter((pixel) => pixel === label).length;
    const background = pixels.filter((pixel) => pixel === 0).length;
    assertAlmostEquals(table.rows[label]![1] as number, 100 * (count - 1) / count, 1e-6);
    assertAlmostEquals(table.rows[0]![1] as number, 100 * background / (background + 1), 1e-6);

    // An ending in capitals is none of another file.
    await Deno.rename(`${masks}/${name}.png`, `${masks}/${name}.PNG`);
    await runScene(`${folder}/capitals`, stages);
    const capitals = await readResult(`${folder}/capitals/score`);
    assertEquals(capitals.table.rows, table.rows);
    await Deno.remove(`${masks}/${name}.PNG`);

    // Masks that change are scored again, though their stage was finished.
    await writeTruth(masks);
    await runScene(`${folder}/run`, stages);
    const again = await readResult(`${folder}/run/score`);
    assertAlmostEquals(again.table.rows[label]![1] as number, 100, 1e-6);
  });
});

/** Leaves the true masks, as a stage that makes pseudo labels would. */
const labelsStage = definePlugin({
  kind: "stage",
  name: "labels",
  summary: "true masks → masks",
  options: z.strictObject({ split: z.string() }),
  create: ({ split }) => ({
    from: [],
    gives: () => plannedArtifact(ARTIFACTS.masks, { split, keeps: ["mask"] }),
    check: () => Promise.resolve([]),
    run: async ({ folder, factory, dataset: use, base }) => {
      await writeTruth(`${folder}/png`);
      const { classes } = await factory.create("dataset", use, { split, base });
      return finishedArtifact(ARTIFACTS.masks, {
        masks: "png",
        split,
        dataset: use,
        base,
        classes,
      });
    },
  }),
});

Deno.test("evaluate scores the masks that an earlier stage leaves", async () => {
  await withFolder(async (folder) => {
    const labels = { id: "pseudo", run: "labels", split: SPLIT };
    const score = { id: "score", run: "evaluate", from: "pseudo", metric };
    await runScene(folder, [labels, score], { plugins: [labelsStage] });
    const { table, about } = await readResult(`${folder}/score`);
    assertEquals(table.title, `score: pseudo on ${SPLIT}, 4 images`);
    assertEquals([about.from, about.split], ["pseudo", SPLIT]);
    const present = table.rows.slice(0, -1).filter(([, iou]) => iou !== 0);
    assert(present.length > 1);
    for (const [, iou] of present) assertAlmostEquals(iou as number, 100, 1e-6);
    await assertRejects(
      () =>
        runScene(`${folder}/cams`, [labels, { ...score, metric: "miou" }], {
          plugins: [labelsStage],
        }),
      TypeError,
      'its metric reads cams, stage "pseudo" keeps mask',
    );
  });
});

Deno.test("masks that cannot be scored are named, with what was expected", async () => {
  const truth = (await truths())[2]![1];
  const [name] = (await truths())[2]!;
  const grey = (data: Uint8Array, width = 32, height = 32) =>
    encodeIndexedPng({ width, height, channels: 1, data }, vocPalette());
  const cases: [Uint8Array, new () => Error, string][] = [
    [
      grey(new Uint8Array(33 * 32), 33),
      RangeError,
      `Cannot score ${name}: its predicted mask is 33x32, its ground truth is 32x32`,
    ],
    [
      grey((truth.data as Uint8Array).map(() => 7)),
      RangeError,
      `${name}.png: it holds class 7, the data set has 0 to 6 and 255 for ignored pixels`,
    ],
    [
      encodeRgbPng({ width: 32, height: 32, channels: 3, data: new Uint8Array(32 * 32 * 3) }),
      RangeError,
      `${name}.png: found 3 channels, expected one of class numbers`,
    ],
    [grey(new Uint8Array(32 * 32)).subarray(0, 60), SyntaxError, `${name}.png as PNG`],
    [new TextEncoder().encode("no picture"), SyntaxError, `${name}.png as PNG`],
  ];
  for (const [bytes, type, message] of cases) {
    await withFolder(async (folder) => {
      await writeTruth(`${folder}/masks`);
      await Deno.writeFile(`${folder}/masks/${name}.png`, bytes);
      const stages = [{
        id: "score",
        run: "evaluate",
        masks: `${folder}/masks`,
        split: SPLIT,
        metric,
      }];
      const error = await assertRejects(() => runScene(`${folder}/run`, stages), type, message);
      assert(isUserError(error), "a trace would be printed");
    });
  }
});

Deno.test("evaluate refuses masks before anything runs where they are missing or do not fit its metric", async () => {
  await withFolder(async (folder) => {
    const masks = `${folder}/masks`;
    const score = { id: "score", run: "evaluate", masks, split: SPLIT, metric };
    const refuse = (stage: Record<string, unknown>, type: new () => Error, message: string) =>
      assertRejects(() => runScene(`${folder}/run`, [network("net", "cam"), stage]), type, message);
    await refuse(score, Deno.errors.NotFound, "4 of 4 are missing");
    const written = await writeTruth(masks);
    await Deno.remove(`${masks}/${written[3]![0]}.png`);
    await refuse(
      score,
      Deno.errors.NotFound,
      `Cannot use the masks in ${masks}: 1 of 4 are missing: ${masks}/${written[3]![0]}.png`,
    );
    await refuse(
      { ...score, metric: "miou" },
      TypeError,
      "its metric reads cams, a folder of masks holds mask",
    );
    await refuse({ ...score, split: undefined }, TypeError, "a folder of masks names no split");
    await refuse({ ...score, from: "net" }, TypeError, "either from, a stage, or masks, a folder");
    await refuse(
      { ...score, masks: undefined },
      TypeError,
      "either from, a stage, or masks, a folder",
    );
    await assertRejects(() => Deno.stat(`${folder}/run`), Deno.errors.NotFound);
  });
});

/** What an evaluation of masks of other numbers notes; truths, each number moved. */
async function notesOf(move: (label: number) => number): Promise<readonly string[]> {
  const notes: string[] = [];
  await withFolder(async (folder) => {
    const masks = `${folder}/theirs`;
    for (const [name, truth] of await writeTruth(masks)) {
      const data = (truth.data as Uint8Array)
        .map((label) => label === 255 || label === 0 ? 0 : move(label));
      const png = encodeIndexedPng({ ...truth, data }, vocPalette());
      await Deno.writeFile(`${masks}/${name}.png`, png);
    }
    await runScene(`${folder}/run`, [
      { id: "score", run: "evaluate", masks, split: SPLIT, metric },
    ], { observer: { note: ({ text }) => void notes.push(text.replace(`${folder}/`, "")) } });
  });
  return notes;
}

Deno.test("evaluate notes masks whose class numbers contradict the ground truth of their images", async () => {
  assertEquals(await notesOf((label) => label), []);
  const [note = "", ...more] = await notesOf((label) => label % 6 + 1);
  assertEquals(more, []);
  assert(note.startsWith("masks in theirs: "), note);
  assert(
    note.includes(
      " share no class with the ground truth of their image; with every number one less, ",
    ),
    note,
  );
});
