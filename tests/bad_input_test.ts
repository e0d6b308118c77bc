import { assert, assertEquals } from "@std/assert";
import { encodeIndexedPng } from "../plugins/images/png.ts";
import { vocPalette } from "../plugins/images/voc_palette.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";
import { stripes, writeDevkit } from "./plugins/datasets/voc12_devkit.ts";

/** One epoch of two steps on the tiny VOCdevkit in the recipe's folder. */
const RECIPE = `
name: bad-input
backend: wasm
dataset: { use: voc12, root: ., labels: masks, classes: [cat, dog] }
observers: [jsonl]
stages:
  - id: train
    run: train
    split: train
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01 }
    batch: { size: 2 }
    epochs: 1
    transforms: [flip, normalize, { use: random-crop, size: 16 }]
  - { id: cams, run: infer, from: train, split: train, scales: [1] }
  - { id: score, run: evaluate, from: cams, metric: miou }
`;

const CAT = 8, DOG = 12;

async function scene(fn: (folder: string, devkit: string) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    const devkit = await writeDevkit(folder, [
      { name: "a", classes: [0, CAT] },
      { name: "b", classes: [0, DOG] },
      { name: "c", classes: [CAT, 0] },
      { name: "d", classes: [DOG, 0] },
    ]);
    await Deno.writeTextFile(`${folder}/r.yaml`, RECIPE);
    await fn(folder, devkit);
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** Writes masks that hold the given values in turn. */
async function numberMasks(devkit: string, ...values: readonly number[][]): Promise<void> {
  for (const [i, name] of ["a", "b", "c", "d"].entries()) {
    const data = stripes(24, 16, values[i % values.length]!);
    const png = encodeIndexedPng({ width: 24, height: 16, channels: 1, data }, vocPalette());
    await Deno.writeFile(`${devkit}/SegmentationClassAug/${name}.png`, png);
  }
}

interface BadInput {
  readonly title: string;
  /** Breaks the data. */
  readonly damage?: (devkit: string) => Promise<void>;
  readonly set?: readonly string[];
  /** What the message must name. */
  readonly says: readonly string[];
  /** The error can only show once work is under way. */
  readonly late?: true;
}

const BAD_INPUTS: readonly BadInput[] = [
  {
    title: "a wrong key",
    set: ["train.epoch=1"],
    says: ["stages[0]", '"epoch"', 'did you mean "epochs"'],
  },
  {
    title: "a wrong plugin",
    set: ["train.backbone.use=resnet"],
    says: ["stages[0].backbone", '"resnet"', "resnet38"],
  },
  {
    title: "a wrong type",
    set: ["train.batch.size=two"],
    says: ["stages[0].batch.size", '"two"', "number"],
  },
  {
    title: "a value out of range",
    set: ["train.epochs=0"],
    says: ["stages[0].epochs", "found 0", ">= 1"],
  },
  {
    title: "a loss that the head cannot feed",
    set: ["train.losses=[ecr]"],
    says: ["stage train", "ecr", "cam_rv"],
  },
  {
    title: "images that do not divide into a backbone's patches",
    set: ["train.backbone={use: vit, patch: 11, imageSize: 33, channels: 12, heads: 3, depth: 1}"],
    says: ["Cannot plan stage train", "pixels, backbone vit takes sides that are multiples of 11"],
  },
  {
    title: "a data folder that does not exist",
    set: ["dataset.root=/nowhere"],
    says: ["/nowhere"],
  },
  { title: "a split that does not exist", set: ["train.split=trian"], says: ["trian", "train"] },
  {
    title: "a stage that does not exist",
    set: ["cams.from=trainn"],
    says: ["cams", "trainn", 'did you mean "train"'],
  },
  {
    title: "a missing image",
    damage: (devkit) => Deno.remove(`${devkit}/JPEGImages/b.jpg`),
    says: ["JPEGImages/b.jpg"],
  },
  {
    title: "a missing mask",
    damage: (devkit) => Deno.remove(`${devkit}/SegmentationClassAug/c.png`),
    says: ["c"],
  },
  {
    title: "masks numbered in the classes' own order, whose names are VOC's",
    damage: (devkit) => numberMasks(devkit, [0, 1], [0, 2]),
    says: ["split train", "1 (aeroplane), 2 (bicycle)", "vocabulary: [cat, dog]"],
  },
  {
    title: "masks in which only the ignored 255 is marked",
    damage: (devkit) => numberMasks(devkit, [0, 255]),
    set: ["dataset.classes=[tumour]"],
    says: ["split train", 'hold only 0 and 255, and 255 is "ignored"', "tumour as 1"],
  },
  {
    title: "a mask with a number of no class",
    damage: (devkit) => numberMasks(devkit, [0, CAT], [21]),
    says: ["SegmentationClassAug/b.png", "found class 21", "0 to 20"],
  },
  {
    title: "a training split in which no image has a label",
    damage: (devkit) =>
      Deno.writeTextFile(`${devkit}/l.json`, '{"a":[],"b":["cow"],"c":[],"d":[]}'),
    set: ["dataset.labels=VOCdevkit/VOC2012/l.json"],
    says: ["stage train", "none of the 4 images of split train has a label", "cat, dog"],
  },
  {
    title: "an empty split",
    damage: (devkit) => Deno.writeTextFile(`${devkit}/ImageSets/Segmentation/train.txt`, ""),
    says: ["train.txt"],
  },
  {
    title: "fewer images than a batch",
    set: ["train.batch.size=5"],
    says: ["4 images", "batch.size", "5"],
  },
  {
    title: "a weights file that does not exist",
    set: ["train.backbone.weights={use: safetensors, file: /nowhere.safetensors}"],
    says: ["/nowhere.safetensors"],
  },
  {
    title: "clipping of parameters that do not exist",
    set: ["train.clip={norm: 5, match: [c1.*, fc9.*]}"],
    says: ["stage train", "clip.match", "fc9.*", 'did you mean "fc8'],
  },
  {
    title: "an optimizer group without parameters",
    set: ["train.optimizer.groups=[{match: [fc9.*], lr: 2}]"],
    says: ["groups[0]", "fc9.*"],
  },
  {
    title: "a weights file of another network",
    set: [
      "train.backbone.weights={use: safetensors, file: tests/fixtures/seam_weights.safetensors}",
    ],
    says: ["seam_weights.safetensors", "the network does not know", "conv1a.weight"],
  },
  {
    title: "a report about a stage that does not exist",
    set: ["observers=[{use: report, sheet: {cams: [cam]}}]"],
    says: ["sheet.cams", '"cam"', 'did you mean "cams"'],
  },
  {
    title: "a truncated JPEG",
    damage: async (devkit) => {
      const path = `${devkit}/JPEGImages/d.jpg`;
      const bytes = await Deno.readFile(path);
      await Deno.writeFile(path, bytes.subarray(0, bytes.length - 40));
    },
    says: ["JPEGImages/d.jpg"],
    late: true,
  },
  {
    title: "a mask of another size",
    damage: async (devkit) => {
      await inTempFolder(async (other) => {
        const wrong = await writeDevkit(other, [{ name: "a", width: 23, classes: [0, CAT] }]);
        await Deno.copyFile(
          `${wrong}/SegmentationClassAug/a.png`,
          `${devkit}/SegmentationClassAug/a.png`,
        );
      });
    },
    says: ["a.png", "23", "24"],
    late: true,
  },
  {
    title: "a loss that is not a number",
    set: ["train.optimizer.lr=1e38"],
    says: ["train", "step"],
    late: true,
  },
  {
    title: "a transform that is missing",
    set: ["train.transforms=[flip]"],
    says: ["normalize"],
    late: true,
  },
];

for (const { title, damage, set = [], says, late } of BAD_INPUTS) {
  Deno.test(`a run stops with a clear error at ${title}`, async () => {
    await scene(async (folder, devkit) => {
      await damage?.(devkit);
      const settings = set.flatMap((setting) => ["--set", setting]);
      const { code, err } = await callSeamstress([
        "run",
        `${folder}/r.yaml`,
        "--out",
        `${folder}/run`,
        ...settings,
      ]);
      assertEquals(code, 1, err);
      assert(err.includes("error: "), err);
      assert(!/^\s+at /m.test(err), `a stack trace for a user error:\n${err}`);
      for (const text of says) assert(err.includes(text), `does not name ${text}:\n${err}`);
      if (!late) {
        assert(!(await exists(`${folder}/run`)), "the run folder was made before the check");
      }
    });
  });
}

Deno.test("a run folder that exists is not touched without --resume, and continues with it", async () => {
  await scene(async (folder) => {
    const args = ["run", `${folder}/r.yaml`, "--out", `${folder}/run`];
    assertEquals((await callSeamstress(args)).code, 0);
    const table = await Deno.readTextFile(`${folder}/run/stages/score/table.json`);
    const again = await callSeamstress(args);
    assertEquals(again.code, 1);
    assert(again.err.includes("--resume"), again.err);
    assertEquals((await callSeamstress([...args, "--resume"])).code, 0);
    assertEquals((await callSeamstress(["run", `${folder}/run`, "--resume"])).code, 0);
    const kept = (await Array.fromAsync(Deno.readDir(`${folder}/run/stages`))).map(({ name }) =>
      name
    );
    assertEquals(kept.sort(), ["cams", "score", "train"], "nothing was done again");
    assertEquals(await Deno.readTextFile(`${folder}/run/stages/score/table.json`), table);
  });
});

Deno.test("a folder that is no run folder is refused", async () => {
  await scene(async (folder) => {
    await Deno.mkdir(`${folder}/thesis`);
    await Deno.writeTextFile(`${folder}/thesis/chapter1.txt`, "precious");
    const { code, err } = await callSeamstress([
      "run",
      `${folder}/r.yaml`,
      "--out",
      `${folder}/thesis`,
      "--resume",
    ]);
    assertEquals(code, 1);
    assert(err.includes("thesis"), err);
    assertEquals(await Deno.readTextFile(`${folder}/thesis/chapter1.txt`), "precious");
  });
});

Deno.test("the command line names unknown commands and options with the nearest", async () => {
  for (
    const [args, text] of [
      [["rum"], 'did you mean "run"'],
      [["run"], "expected one recipe"],
      [["run", "x.yaml", "--resum"], 'did you mean "resume"'],
      [["run", "x.yaml"], "x.yaml"],
      [["run", "x.yaml", "--out="], "--out"],
      [["verify"], "expected files or folders"],
      [["plugins", "los"], 'did you mean "loss"'],
    ] as const
  ) {
    const { code, err } = await callSeamstress(args);
    assertEquals(code, 1, args.join(" "));
    assert(err.startsWith("error: ") && err.includes(text), err);
  }
});
