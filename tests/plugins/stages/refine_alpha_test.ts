import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readCamDict } from "../../../plugins/wsss/cams/cam_dict.ts";
import { powerOfAlpha } from "../../../plugins/refinement/background.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { madeCamsStage } from "./made_cams.ts";
import { refusing, runScene, withFolder } from "./scene.ts";

const plugins = [madeCamsStage];
const CHOSEN = "val[0:3]", SCORED = "val[3:6]", NAME = "mini_0604";

const cams = { id: "cams", run: "made-cams", split: "val[0:6]" };
const choose = (metric: unknown) => ({
  id: "choose",
  run: "evaluate",
  from: "cams",
  split: CHOSEN,
  metric,
});
const sweep = { use: "miou", alpha: { sweep: [0.05, 0.95, 0.05] } };
const refine = (id: string, background: Record<string, unknown>) => ({
  id,
  run: "refine",
  from: "cams",
  split: SCORED,
  refinements: [{ use: "power-background", ...background }],
  keepScores: true,
  store: "npy",
});
const following = refine("following", { alpha: { from: "choose" } });

Deno.test("a background follows the alpha that an evaluation of other images chose", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, [cams, choose(sweep), following], { plugins });
    const alpha = (await readResult(`${folder}/choose`)).table.threshold!.value;
    assert(alpha > 0.05 && alpha < 0.95, `${alpha}`);
    const other = `${folder}/other`;
    await Deno.mkdir(other);
    await runScene(other, [
      cams,
      refine("alpha", { alpha }),
      refine("power", { power: powerOfAlpha(alpha) }),
      refine("twice", { power: 2 * powerOfAlpha(alpha) }),
      {
        id: "score",
        run: "evaluate",
        from: "power",
        metric: { use: "miou", predictions: "masks" },
      },
    ], { plugins });
    const scores = (path: string) => readCamDict(`${path}/scores/${NAME}.npy`);
    const wanted = await scores(`${other}/power`);
    assertEquals(await scores(`${folder}/following`), wanted);
    assertEquals(await scores(`${other}/alpha`), wanted);
    assert(
      (await scores(`${other}/twice`)).maps.get(0)!.some((s, i) => s < wanted.maps.get(0)![i]!),
    );
  });
});

Deno.test("the note of a table says which evaluation the background's alpha is from", async () => {
  await withFolder(async (folder) => {
    const metric = { use: "miou", predictions: "masks" };
    const score = { id: "score", run: "evaluate", from: "following", metric };
    await runScene(folder, [cams, choose(sweep), following, score], { plugins });
    const { table } = await readResult(`${folder}/score`);
    assertStringIncludes(table.note, "made by power-background (alpha from choose)");
  });
});

Deno.test("an alpha that no evaluation gives, or that makes no power, is refused", async () => {
  await withFolder(async (folder) => {
    const refused = refusing(folder, { plugins });
    await refused([cams, following], RangeError, 'no earlier stage "choose"');
    await refused(
      [
        cams,
        refine("masks", { power: 4 }),
        {
          id: "choose",
          run: "evaluate",
          from: "masks",
          metric: { use: "miou", predictions: "masks" },
        },
        following,
      ],
      TypeError,
      'its power-background uses the threshold of stage "choose", whose metrics have none',
    );
    await refused(
      [cams, choose(sweep), refine("both", { power: 4, alpha: 0.3 })],
      TypeError,
      "expected either power or alpha, not both",
    );
    for (const alpha of [0, 1]) {
      await refused(
        [cams, refine("end", { alpha })],
        TypeError,
        "stages[1].refinements[0].alpha",
      );
    }
    assertEquals([...Deno.readDirSync(folder)].length, 0);
    await refused(
      [cams, choose({ use: "miou", alpha: 0 }), following],
      RangeError,
      'its power-background follows the alpha of stage "choose", which is 0; it must be above 0 and below 1',
    );
  });
});
