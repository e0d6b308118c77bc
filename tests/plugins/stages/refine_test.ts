import { removeTemporaries } from "../../../core/run/atomic.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { readCamDict } from "../../../plugins/wsss/cams/cam_dict.ts";
import { readMask } from "../../../plugins/images/mask_store.ts";
import { isUserError } from "../../../core/errors.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { madeCamsStage } from "./made_cams.ts";
import { network, refusing, runScene, withFolder } from "./scene.ts";

const SPLIT = "val[0:5]";
const NAMES = ["mini_0600", "mini_0601", "mini_0602", "mini_0603", "mini_0604"];
const plugins = [madeCamsStage];

const cams = (options: Record<string, unknown> = {}) => ({
  id: "cams",
  run: "made-cams",
  split: SPLIT,
  ...options,
});
const refine = (refinements: unknown[], options: Record<string, unknown> = {}) => ({
  id: "refined",
  run: "refine",
  from: "cams",
  refinements,
  ...options,
});
const masks = { use: "miou", predictions: "masks" };
/** In this thread, little work: how it is computed is tested elsewhere. */
const crf = { use: "dense-crf", iterations: 3, device: "cpu", workers: 0 };

/** Every file below a folder, by path. */
async function filesIn(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      for (const [key, hash] of Object.entries(await filesIn(path))) files[`${name}/${key}`] = hash;
    } else if (name !== "stage.json") {
      const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
      files[name] = new Uint8Array(hash).toHex();
    }
  }
  return files;
}

Deno.test("refine by threshold makes the masks that evaluate scores at the same alpha", async () => {
  await withFolder(async (folder) => {
    const alpha = 0.3;
    await runScene(folder, [
      cams(),
      { id: "cam-score", run: "evaluate", from: "cams", metric: { use: "miou", alpha } },
      refine([{ use: "threshold", alpha }]),
      { id: "score", run: "evaluate", from: "refined", metric: masks },
    ], { plugins });
    const wanted = await readResult(`${folder}/cam-score`);
    const { table, about } = await readResult(`${folder}/score`);
    assertEquals(table.rows, wanted.table.rows);
    assertEquals(table.title, `score: refined on ${SPLIT}, 5 images`);
    assertEquals(about.images, 5);
  });
});

Deno.test("refine keeps scores in the form that store names; what reads them gives the same masks", async () => {
  await withFolder(async (folder) => {
    const stores = ["float32", "npy", "float16", undefined];
    const background = { use: "power-background", power: 4 };
    const kept = (store: string | undefined) =>
      refine([background, crf], {
        id: `kept-${store}`,
        keepScores: true,
        ...store !== undefined && { store },
      });
    const again = (store: string | undefined) =>
      refine([], { id: `again-${store}`, from: `kept-${store}` });
    await runScene(folder, [cams(), ...stores.map(kept), ...stores.map(again)], { plugins });
    for (const store of stores) {
      const files = Object.keys(await filesIn(`${folder}/kept-${store}`));
      const ending = store === "npy" ? ".npy" : ".safetensors";
      assertEquals(
        files.filter((file) => file.startsWith("scores/")).sort(),
        NAMES.map((name) => `scores/${name}${ending}`),
      );
      assertEquals(await filesIn(`${folder}/again-${store}`), await filesIn(`${folder}/again-npy`));
    }
    const size = (store: string) =>
      Deno.statSync(`${folder}/kept-${store}/scores/${NAMES[2]}.safetensors`).size;
    assert(size("float16") * 1.5 < size("float32"), `${size("float16")} of ${size("float32")}`);
    assertEquals(size("undefined"), size("float16"));
  });
});

Deno.test("refine keeps scores of background and classes, from which a later refine goes on", async () => {
  await withFolder(async (folder) => {
    const background = { use: "power-background", power: 4 };
    await runScene(folder, [
      cams(),
      refine([background, crf], { id: "whole", keepScores: true, store: "npy" }),
      refine([background], { id: "first", keepScores: true, store: "npy" }),
      refine([crf], { id: "second", from: "first", keepScores: true, store: "npy" }),
      refine([], { id: "third", from: "second", split: "val[1:3]" }),
      { id: "score", run: "evaluate", from: "third", metric: masks },
    ], { plugins });
    assertEquals(await filesIn(`${folder}/second`), await filesIn(`${folder}/whole`));
    const { width, height, maps } = await readCamDict(`${folder}/whole/scores/${NAMES[2]}.npy`);
    assertEquals([width, height], [32, 32]);
    const classes = [...maps.keys()];
    assert(classes.length >= 2 && classes[0] === 0, `${classes}`);
    for (let i = 0; i < width * height; i++) {
      const sum = classes.reduce((sum, c) => sum + maps.get(c)![i]!, 0);
      assert(Math.abs(sum - 1) < 1e-5, String(sum));
    }
    const mask = await readMask(`${folder}/whole/masks`, NAMES[2]!, 6);
    for (const [i, label] of mask.data.entries()) {
      assertEquals(Math.max(...classes.map((c) => maps.get(c)![i]!)), maps.get(label)![i]);
    }
    assertEquals(Object.keys(await filesIn(`${folder}/third`)).sort(), [
      `masks/${NAMES[1]}.png`,
      `masks/${NAMES[2]}.png`,
    ]);
    const { about, table } = await readResult(`${folder}/score`);
    assertEquals(about.images, 2);
    assertEquals(
      table.note.split("; ").filter((part) => part.startsWith("ma")),
      [
        "masks as predicted",
        "made by power-background (power 4), dense-crf (iterations 3, device cpu, workers 0)",
      ],
    );
  });
});

Deno.test("a refine that was stopped goes on with the images that are not done, and ends with the same files", async () => {
  await withFolder(async (folder) => {
    const stages = [
      cams(),
      refine([{ use: "power-background" }, crf], { keepScores: true, store: "npy" }),
    ];
    await runScene(`${folder}/whole`, stages, { plugins });
    const stop = {
      progress({ stage, done }: { stage: string; done: number }) {
        if (stage === "refined" && done === 2) throw new Error("stopped");
      },
    };
    const path = `${folder}/part`;
    await assertRejects(
      () => runScene(path, stages, { plugins, observer: stop }),
      Error,
      "stopped",
    );
    const there = Object.keys(await filesIn(`${path}/refined/masks`));
    assert(there.length >= 2 && there.length < 5, there.join());
    const before = await Deno.stat(`${path}/refined/masks/${there[0]}`);
    // What a kill leaves between an image's two files, and within one.
    const [late] = NAMES.filter((name) => !there.includes(`${name}.png`));
    await Deno.writeTextFile(`${path}/refined/scores/${late}.npy`, "half");
    await Deno.writeTextFile(`${path}/refined/masks/${late}.png.0123abcd.tmp`, "half");
    const seen: number[] = [];
    await runScene(path, stages, {
      plugins,
      observer: { progress: ({ stage, done }) => void (stage === "refined" && seen.push(done)) },
    });
    assertEquals(seen[0], there.length);
    assertEquals(seen.at(-1), 5);
    // The stage takes it for no mask; a run removes it as it opens its folder.
    await removeTemporaries(path);
    assertEquals(await filesIn(`${path}/refined`), await filesIn(`${folder}/whole/refined`));
    assertEquals((await Deno.stat(`${path}/refined/masks/${there[0]}`)).mtime, before.mtime);
  });
});

Deno.test("refine gives images of one class, of none and of CAMs of zeros their right masks", async () => {
  for (const [fault, wanted] of [["empty", [0]], ["one", [0, 5]], ["zeros", [0]]] as const) {
    await withFolder(async (folder) => {
      await runScene(folder, [
        cams({ fault }),
        refine([{ use: "power-background" }, crf], { keepScores: true, store: "npy" }),
      ], { plugins });
      const { data } = await readMask(`${folder}/refined/masks`, NAMES[1]!, 6);
      assertEquals([...new Set(data)].sort(), [...wanted], fault);
      const { maps } = await readCamDict(`${folder}/refined/scores/${NAMES[1]}.npy`);
      assert([...maps.values()].every((map) => map.every((q) => q >= 0 && q <= 1)));
    });
  }
});

Deno.test("refine brings masks of reduced images to the images' size, and keeps scores at the reduced one", async () => {
  await withFolder(async (folder) => {
    const { artifacts } = await runScene(folder, [
      cams({ side: 16, longSide: 16 }),
      refine([{ use: "power-background" }, crf], { keepScores: true, store: "npy" }),
      refine([crf], { id: "again", from: "refined" }),
      { id: "score", run: "evaluate", from: "again", metric: masks, maskScale: 0.5 },
    ], { plugins });
    const mask = await readMask(`${folder}/refined/masks`, NAMES[0]!, 6);
    assertEquals([mask.width, mask.height], [32, 32]);
    const { width } = await readCamDict(`${folder}/refined/scores/${NAMES[0]}.npy`);
    assertEquals(width, 16);
    assertEquals(artifacts.get("again")!.info["longSide"], 16);
  });
});

Deno.test("refine names the image whose scores are missing, broken or of another image", async () => {
  const cases: [string, new () => Error, string][] = [
    ["missing", Deno.errors.NotFound, `cams/${NAMES[1]}.safetensors`],
    ["no-cams", TypeError, `cams/${NAMES[1]}.safetensors holds no CAMs`],
    ["nan", RangeError, `Cannot use the scores of ${NAMES[1]}: that of class `],
    ["size", Error, `Cannot refine ${NAMES[1]}: its scores of stage "cams" are 33x33, the image`],
  ];
  for (const [fault, type, message] of cases) {
    await withFolder(async (folder) => {
      const stages = [cams({ fault }), refine(["threshold"])];
      const error = await assertRejects(
        () => runScene(folder, stages, { plugins }),
        type,
        message,
      );
      assert(isUserError(error), "a trace would be printed");
      await assertRejects(() => Deno.stat(`${folder}/refined/masks/${NAMES[1]}.png`));
    });
  }
  await withFolder(async (folder) => {
    await assertRejects(
      () =>
        runScene(folder, [cams({ classes: ["cat"] }), refine(["threshold"])], {
          plugins,
        }),
      RangeError,
      'Cannot run stage refined: stage "cams" has scores of cat; the data set\'s classes are red-bars',
    );
  });
});

Deno.test("refine refuses chains and stages that do not fit before anything runs", async () => {
  await withFolder(async (folder) => {
    const refuse = refusing(folder, { plugins });
    await refuse([cams(), refine([])], TypeError, "its scores have no background to make masks of");
    await refuse(
      [cams(), refine([crf, "threshold"])],
      TypeError,
      "refinement dense-crf needs a background among the scores: power-background or threshold",
    );
    await refuse(
      [cams(), refine(["threshold", "power-background"])],
      TypeError,
      "refinement power-background adds a background, which the scores have already",
    );
    await refuse(
      [cams(), refine(["threshold"]), refine([crf], { id: "more", from: "refined" })],
      TypeError,
      'it reads class-scores, stage "refined" keeps mask; give it keepScores: true',
    );
    await refuse(
      [network("net", "cam"), refine(["threshold"], { from: "net" })],
      TypeError,
      'it reads cams or masks from stage "net", which runs untrained and gives checkpoint',
    );
    await refuse(
      [cams(), refine(["threshold"], { split: "val[0:6]" })],
      RangeError,
      "image mini_0605 of its split val[0:6] is not among the 5",
    );
    await refuse([refine(["threshold"])], RangeError, 'no earlier stage "cams"');
    const walk = { use: "random-walk", from: "net" };
    await refuse(
      [cams(), refine(["threshold", walk])],
      RangeError,
      'Cannot plan stage refined: no earlier stage "net"',
    );
    await refuse(
      [network("net", "cam"), cams(), refine(["threshold", walk])],
      TypeError,
      'a random walk reads the output affinity, the head of stage "net" gives cam',
    );
    await refuse(
      [network("net", "cam"), cams(), refine(["threshold", { ...walk, from: "cams" }])],
      TypeError,
      'it reads checkpoint from stage "cams", which runs made-cams and gives cams',
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});
