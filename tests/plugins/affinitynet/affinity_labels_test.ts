import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { readCamDict, writeCamDict } from "../../../plugins/wsss/cams/cam_dict.ts";
import { isUserError } from "../../../core/errors.ts";
import { readMask } from "../../../plugins/images/mask_store.ts";
import { labelMask } from "../../../plugins/affinitynet/loss/label_mask.ts";
import { scoresOfMaps } from "../../../plugins/wsss/refinement/class_scores.ts";
import { network, refusing, runScene, withFolder } from "../stages/scene.ts";
import { affinity, labels, plugins, refined, scored } from "./setup.ts";

const NAMES = ["mini_0000", "mini_0001", "mini_0002", "mini_0003"];

Deno.test("affinity-labels writes what labelMask says of two sets of scores, and goes on where it was stopped", async () => {
  await withFolder(async (folder) => {
    const stop = {
      progress({ stage, done }: { stage: string; done: number }) {
        if (stage === "labels" && done === 2) throw new Error("stopped");
      },
    };
    const stages = [...scored(), labels()];
    await assertRejects(
      () => runScene(folder, stages, { plugins, observer: stop }),
      Error,
      "stopped",
    );
    const first = `${folder}/labels/masks/${NAMES[0]}.png`;
    const { mtime } = await Deno.stat(first);
    await runScene(folder, stages, { plugins });
    assertEquals((await Deno.stat(first)).mtime, mtime);
    const seen = new Set<number>();
    for (const name of NAMES) {
      const read = async (id: string) =>
        scoresOfMaps(await readCamDict(`${folder}/${id}/scores/${name}.npy`), 0, name);
      const lowAlpha = await read("la"), highAlpha = await read("ha");
      const wanted = labelMask({ lowAlpha, highAlpha, classes: lowAlpha.classes }, 4);
      const found = await readMask(`${folder}/labels/masks`, name, 6);
      assertEquals(found, wanted);
      for (const label of found.data) seen.add(label);
    }
    assert(seen.has(0) && seen.has(255) && seen.size > 2, [...seen].join());
  });
});

Deno.test("a network learns from the labels, and the walk along its affinities makes masks", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, [
      ...scored(),
      labels(),
      affinity(),
      {
        ...refined("walked", 16),
        refinements: [{ use: "power-background", power: 16 }, { use: "random-walk", from: "aff" }],
      },
      {
        id: "score",
        run: "evaluate",
        from: "walked",
        metric: { use: "miou", predictions: "masks" },
      },
    ], { plugins });
    const { maps } = await readCamDict(`${folder}/walked/scores/${NAMES[0]}.npy`);
    // A mean of scores stays within them.
    assert([...maps.values()].every((map) => map.every((score) => score >= 0 && score <= 1)));
  });
});

Deno.test("labels of reduced images have the images' size, those of images without a class are background", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, [
      ...scored({ side: 16, longSide: 16, fault: "empty" }),
      labels({ square: 2 }),
    ], { plugins });
    const mask = await readMask(`${folder}/labels/masks`, NAMES[0]!, 6);
    assertEquals([mask.width, mask.height], [32, 32]);
    const empty = await readMask(`${folder}/labels/masks`, NAMES[1]!, 6);
    assertEquals([...new Set(empty.data)], [0]);
  });
});

Deno.test("affinity-labels refuses stages before anything runs that keep no scores, or of other images", async () => {
  await withFolder(async (folder) => {
    const refuse = refusing(folder, { plugins });
    const [cams, la, ha] = scored();
    await refuse(
      [cams!, la!, { ...ha, keepScores: false }, labels()],
      TypeError,
      'it reads class-scores, stage "ha" keeps mask; give it keepScores: true',
    );
    await refuse(
      [cams!, la!, labels({ high: "cams" })],
      TypeError,
      'it reads masks from stage "cams", which runs made-cams and gives cams',
    );
    await refuse([network("ha", "cam"), cams!, la!, labels()], TypeError, "gives checkpoint");
    await refuse([cams!, la!, labels()], RangeError, 'no earlier stage "ha"');
    await refuse(
      [cams!, la!, { ...ha, split: "train[0:3]" }, labels()],
      RangeError,
      'image mini_0003 of its split train[0:4] is not among the 3 of stage "ha"',
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("label masks, which leave pixels without a class, are no predictions, no scores and not to be handed in", async () => {
  await withFolder(async (folder) => {
    const refuse = refusing(folder, { plugins });
    const after = (stage: Record<string, unknown>) => [...scored(), labels(), stage];
    await refuse(
      after({ id: "hand-in", run: "export-test", from: "labels" }),
      TypeError,
      'Cannot plan stage hand-in: it hands in a class for every pixel, stage "labels" ' +
        "keeps partial-mask, whose 255 is no class; name a stage that runs refine or segment",
    );
    await refuse(
      after({
        id: "score",
        run: "evaluate",
        from: "labels",
        metric: { use: "miou", predictions: "masks" },
      }),
      TypeError,
      'Cannot plan stage score: its metric reads mask, stage "labels" keeps partial-mask',
    );
    const error = await assertRejects(
      () => runScene(folder, after({ ...refined("again", 2), from: "labels" }), { plugins }),
      TypeError,
    );
    assertMatch(error.message, /it reads class-scores, stage "labels" keeps partial-mask$/);
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

/** Takes the hashes out of what a stage left: what lies there now counts as what it left. */
async function forgetHashes(folder: string): Promise<void> {
  const path = `${folder}/stage.json`;
  const { files: _, sha256: __, ...rest } = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify(rest));
}

Deno.test("affinity-labels names images whose scores were damaged, and the stage to run again", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, scored(), { plugins });
    await Deno.truncate(`${folder}/ha/scores/${NAMES[1]}.npy`, 300);
    const error = await assertRejects(
      () => runScene(folder, [...scored(), labels()], { plugins }),
      Error,
      `${NAMES[1]}.npy`,
    );
    assert(error.message.includes("--from ha"), error.message);
    assert(isUserError(error), "a trace would be printed");
  });
});

Deno.test("affinity-labels names images whose scores are gone or do not fit", async () => {
  const cases: [(folder: string) => Promise<void>, new () => Error, string][] = [
    [
      (folder) => Deno.remove(`${folder}/ha/scores/${NAMES[1]}.npy`),
      Deno.errors.NotFound,
      `1 of 4 are missing`,
    ],
    [
      (folder) => Deno.truncate(`${folder}/ha/scores/${NAMES[1]}.npy`, 300),
      SyntaxError,
      `${NAMES[1]}.npy`,
    ],
    [
      async (folder) => {
        const path = `${folder}/ha/scores/${NAMES[1]}.npy`;
        const { maps, ...size } = await readCamDict(path);
        await writeCamDict(path, { ...size, maps: new Map([...maps].slice(0, -1)) }, writeAtomic);
      },
      Error,
      `Cannot label ${NAMES[1]}: the scores of low are of classes 0,`,
    ],
    [
      async (folder) => {
        const path = `${folder}/la/scores/${NAMES[1]}.npy`;
        const { maps, ...size } = await readCamDict(path);
        maps.get(0)![7] = NaN;
        await writeCamDict(path, { ...size, maps }, writeAtomic);
      },
      RangeError,
      `Cannot use the scores of ${NAMES[1]}: that of class 0 at x 7, y 0 is NaN`,
    ],
  ];
  for (const [harm, type, message] of cases) {
    await withFolder(async (folder) => {
      await runScene(folder, scored(), { plugins });
      await harm(folder);
      for (const stage of ["la", "ha"]) await forgetHashes(`${folder}/${stage}`);
      const error = await assertRejects(
        () => runScene(folder, [...scored(), labels()], { plugins }),
        type,
        message,
      );
      assert(isUserError(error), "a trace would be printed");
    });
  }
});
