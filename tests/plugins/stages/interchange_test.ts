import { assert, assertEquals, assertRejects } from "@std/assert";
import { readCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { isUserError } from "../../../core/errors.ts";
import { encodeCamDict, readCamDict } from "../../../plugins/wsss/cams/cam_dict.ts";
import { encodeNpy, encodeNpyDict, type NdArray } from "../../../plugins/formats/numpy/npy.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { network, refusing, runScene, withFolder } from "./scene.ts";
import { infer, open, plugins, score, SPLIT } from "./interchange/setup.ts";

Deno.test("CAMs written for the authors' scripts and read again score the same, to the last bit", async () => {
  await withFolder(async (folder) => {
    const npy = `${folder}/theirs`;
    await runScene(folder, [
      network("net", "seam"),
      infer,
      score("cams"),
      { id: "npy", run: "export-cams", from: "cams", to: npy },
    ], { plugins });
    const dataset = await open();
    for (let i = 0; i < dataset.length; i++) {
      const name = dataset.name(i);
      const { cams } = await readCams(`${folder}/cams/cams`, name);
      assertEquals(await readCamDict(`${npy}/${name}.npy`, { classes: 6 }), cams);
    }
    const back = { id: "theirs", run: "import-cams", cams: npy, split: SPLIT };
    await runScene(`${folder}/second`, [back, score("theirs")], { plugins });
    const ours = await readResult(`${folder}/cams-score`);
    const theirs = await readResult(`${folder}/second/theirs-score`);
    assertEquals(theirs.table.rows, ours.table.rows);
    assertEquals(theirs.table.title, `theirs-score: theirs on ${SPLIT}, 6 images`);
    assertEquals([theirs.about.checkpoint, theirs.about.output], ["theirs", "theirs"]);

    await assertRejects(
      () =>
        runScene(`${folder}/third`, [
          back,
          { id: "npy", run: "export-cams", from: "theirs", to: npy },
        ], { plugins }),
      Deno.errors.AlreadyExists,
      `Cannot export to ${npy}: it exists already`,
    );
  });
});

Deno.test("class numbers of CAM files follow the names that the recipe gives them", async () => {
  await withFolder(async (folder) => {
    const dataset = await open();
    const classes = ["foreign", ...[...dataset.classes].reverse()];
    await runScene(folder, [
      network("net", "cam"),
      infer,
      { id: "npy", run: "export-cams", from: "cams", classes },
    ], { plugins });
    const { cams } = await readCams(`${folder}/cams/cams`, dataset.name(0));
    const { maps } = await readCamDict(`${folder}/npy/npy/${dataset.name(0)}.npy`);
    const [[c, map]] = [...cams!.maps] as [[number, Float32Array]];
    assertEquals(maps.get(dataset.classes.length - c), map);

    // A class of the files that the data set does not have is left out.
    await Deno.rename(`${folder}/npy/npy`, `${folder}/edited`);
    const path = `${folder}/edited/${dataset.name(0)}.npy`;
    const more = { width: 32, height: 32, maps: new Map([...maps, [0, new Float32Array(1024)]]) };
    await Deno.writeFile(path, encodeCamDict(more));
    const back = {
      id: "back",
      run: "import-cams",
      cams: `${folder}/edited`,
      split: SPLIT,
      classes,
    };
    await runScene(`${folder}/second`, [back], { plugins });
    assertEquals((await readCams(`${folder}/second/back/cams`, dataset.name(0))).cams, cams);

    const short = { id: "npy", run: "export-cams", from: "cams", classes: classes.slice(0, -1) };
    const error = await assertRejects(
      () => runScene(`${folder}/third`, [network("net", "cam"), infer, short], { plugins }),
      RangeError,
      `Cannot plan stage npy: its classes lack "${dataset.classes[0]}"`,
    );
    assert(isUserError(error));
  });
});

Deno.test("an image without any class is exported with a map of zeros, which the authors' scripts can read", async () => {
  await withFolder(async (folder) => {
    const dataset = await open();
    const npy = `${folder}/npy`;
    await Deno.mkdir(npy);
    for (let i = 0; i < dataset.length; i++) {
      const none = encodeCamDict({ width: 32, height: 32, maps: new Map() });
      await Deno.writeFile(`${npy}/${dataset.name(i)}.npy`, none);
    }
    await runScene(folder, [
      { id: "empty", run: "import-cams", cams: npy, split: SPLIT },
      { id: "again", run: "export-cams", from: "empty" },
    ], { plugins });
    const path = `${folder}/again/npy/${dataset.name(3)}.npy`;
    const { width, height, maps } = await readCamDict(path);
    assertEquals([width, height, [...maps]], [32, 32, [[0, new Float32Array(1024)]]]);
  });
});

Deno.test("CAM files that do not fit are named, with what was expected", async () => {
  const dataset = await open();
  const name = dataset.name(2);
  const map = (side: number, fill = 0.5, type: "f4" | "i4" = "f4"): NdArray => ({
    type,
    shape: [side, side],
    data: type === "f4"
      ? new Float32Array(side * side).fill(fill)
      : new Int32Array(side * side).fill(fill),
  });
  const cases: [Uint8Array, new () => Error, string][] = [
    [encodeNpyDict(new Map([[6, map(32)]])), RangeError, "class 6, valid are integers from 0 to 5"],
    [encodeNpyDict(new Map([["cat", map(32)]])), RangeError, 'class "cat", valid are integers'],
    [
      encodeNpyDict(new Map([[1, map(31)]])),
      RangeError,
      "the map of class 1 is 31x31, expected 32x32",
    ],
    [
      encodeNpyDict(new Map([[1, { ...map(32), shape: [1024] }]])),
      RangeError,
      "is f4 of shape [1024], expected floats of shape [height,width]",
    ],
    [encodeNpyDict(new Map([[1, map(32, 1, "i4")]])), RangeError, "is i4 of shape [32,32]"],
    [
      encodeNpyDict(new Map([[1, map(32, NaN)]])),
      RangeError,
      "the map of class 1 holds a value that is no finite number",
    ],
    [encodeNpy(map(32)), SyntaxError, "expected a dict of arrays"],
    [new TextEncoder().encode("no array"), SyntaxError, "does not begin as a .npy file"],
  ];
  await withFolder(async (folder) => {
    const npy = `${folder}/npy`;
    await Deno.mkdir(npy);
    const stages = [{ id: "theirs", run: "import-cams", cams: npy, split: SPLIT }];
    for (let i = 0; i < dataset.length; i++) {
      if (i !== 2) {
        const cams = { width: 32, height: 32, maps: new Map() };
        await Deno.writeFile(`${npy}/${dataset.name(i)}.npy`, encodeCamDict(cams));
      }
    }
    await assertRejects(
      () => runScene(`${folder}/run`, stages, { plugins }),
      Deno.errors.NotFound,
      `Cannot use the CAMs in ${npy}: 1 of 6 are missing: ${npy}/${name}.npy`,
    );
    await assertRejects(() => Deno.stat(`${folder}/run`), Deno.errors.NotFound);
    for (const [i, [bytes, type, message]] of cases.entries()) {
      await Deno.writeFile(`${npy}/${name}.npy`, bytes);
      const run = () => runScene(`${folder}/run-${i}`, stages, { plugins });
      const error = await assertRejects(run, type, message);
      assert(isUserError(error), "a trace would be printed");
      assert(error.message.includes(`${npy}/${name}.npy`), error.message);
    }
  });
});

Deno.test("CAM files whose class numbers contradict the image labels are refused before the run, or leave nothing", async () => {
  const open = (split: string) =>
    new Registry([mini]).create("dataset", { use: "mini", size: 32 }, { split, base: "/" });
  // More images than are read before the run: of these every third; shifted is each that is not read then.
  const split = "val[0:48]";
  const dataset = await open(split);
  const map = new Float32Array(1024).fill(0.5);
  const write = async (folder: string, numbers: (c: number, i: number) => number[]) => {
    await Deno.mkdir(folder);
    for (let i = 0; i < dataset.length; i++) {
      const has = [...dataset.label(i).keys()].filter((c) => dataset.label(i)[c]! > 0);
      const maps = new Map(has.flatMap((c) => numbers(c, i)).map((number) => [number, map]));
      const cams = { width: 32, height: 32, maps };
      await Deno.writeFile(`${folder}/${dataset.name(i)}.npy`, encodeCamDict(cams));
    }
  };
  const classes = ["background", ...dataset.classes];
  await withFolder(async (folder) => {
    await write(`${folder}/late`, (c, i) => i % 3 === 0 ? [c] : [c + 1]);
    await write(`${folder}/crf`, (c) => [0, c + 1]);
    const stage = (cams: string, more = {}) => [
      { id: "theirs", run: "import-cams", cams: `${folder}/${cams}`, split, ...more },
    ];
    const refuse = refusing(`${folder}/run`, { plugins });
    // The last class has no number of its own where numbers count from 1.
    await refuse(stage("crf"), RangeError, "classes count from 0, without the background");
    await assertRejects(() => Deno.stat(`${folder}/run`), Deno.errors.NotFound);
    const six = { classes: [...dataset.classes, "a seventh"] };
    await refuse(stage("crf", six), RangeError, "as in what infer_SEAM.py writes for --out_crf");
    await assertRejects(() => Deno.stat(`${folder}/run`), Deno.errors.NotFound);
    await refuse(stage("late", six), RangeError, "they count classes from 1");
    await assertRejects(() => Deno.stat(`${folder}/run/theirs/cams`), Deno.errors.NotFound);
    await refuse(stage("late", six), RangeError, "they count classes from 1");
    // Stopped at its last image, an import is judged by all images when it goes on.
    const stop = ({ done }: { readonly done: number }) => {
      if (done === dataset.length) throw new Error("stopped");
    };
    const late = stage("late", six), stopped = `${folder}/stopped`;
    await assertRejects(
      () => runScene(stopped, late, { plugins, observer: { progress: stop } }),
      Error,
      "stopped",
    );
    await refusing(stopped, { plugins })(late, RangeError, "they count classes from 1");

    await runScene(`${folder}/named`, stage("crf", { classes }), { plugins });
    const { cams } = await readCams(`${folder}/named/theirs/cams`, dataset.name(5));
    const has = [...dataset.label(5).keys()].filter((c) => dataset.label(5)[c]! > 0);
    assertEquals([...cams!.maps.keys()].toSorted(), has);
  });
});
