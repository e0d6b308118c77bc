import { assert, assertEquals, assertRejects } from "@std/assert";
import { definePlugin } from "seamstress";
import { miniRun } from "seamstress/testing";
import * as z from "zod";
import { inTempFolder } from "../../command.ts";
import { lossOf, meanSquare } from "./faulty.ts";

const small = { recipe: { dataset: { use: "mini", size: 16 } } };

Deno.test("a mini run gives losses, scores and a run folder, which goes with it", async () => {
  const square = lossOf("square", () => ({ compute: ({ views }) => meanSquare(views) }));
  let folder: string;
  {
    await using run = await miniRun({
      ...small,
      plugins: [square],
      train: { losses: ["classification", { use: "square", weight: 3, start: 1 }], maxSteps: 2 },
    });
    folder = run.folder;
    assertEquals(run.losses.map((losses) => Object.keys(losses).includes("square")), [false, true]);
    const { loss, classification, square: squared } = run.losses[1]!;
    assert(Math.abs(loss! - classification! - 3 * squared!) < 1e-5 * loss!);
    assertEquals(Object.keys(run.scores), ["score", "map"]);
    const { miou } = run.scores["score"]!, { map } = run.scores["map"]!;
    assert(miou! > 0 && miou! <= 100 && map! > 0 && map! <= 100, JSON.stringify(run.scores));
    assert((await Deno.stat(run.weights)).size > 1000);
    assert((await Deno.stat(`${folder}/stages/cams/stage.json`)).isFile);
  }
  await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
});

Deno.test("the same mini run gives the same numbers, another seed others", async () => {
  const train = { maxSteps: 2 };
  const run = async (seed: number) => {
    await using run = await miniRun({ train, recipe: { ...small.recipe, seed }, stages: [] });
    return run.losses;
  };
  const [a, b, c] = [await run(0), await run(0), await run(1)];
  assertEquals(a, b);
  assert(a[0]!["loss"] !== c[0]!["loss"]);
});

Deno.test("a mini run in a folder of one's own stays, and is resumed", async () => {
  await inTempFolder(async (parent) => {
    const options = { ...small, stages: [], folder: `${parent}/mine`, train: { maxSteps: 2 } };
    {
      await using run = await miniRun(options);
      assertEquals(run.folder, options.folder);
    }
    assert((await Deno.stat(`${options.folder}/manifest.json`)).isFile);
    await using again = await miniRun({ ...options, resume: true });
    assertEquals(again.losses, []);
  });
});

Deno.test("a mini run that fails leaves no folder", async () => {
  let folder = "";
  const watches = definePlugin({
    kind: "observer",
    name: "watches",
    summary: "where the run goes",
    options: z.strictObject({}),
    create: () => ({ start: (run) => void (folder = run.folder) }),
  });
  await assertRejects(
    () =>
      miniRun({
        plugins: [watches],
        recipe: { ...small.recipe, observers: ["watches"] },
        onStep() {
          throw new Error("planted");
        },
      }),
    Error,
    "planted",
  );
  assert(folder.endsWith("/run"), folder);
  await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
});
