import { assert, assertEquals, assertRejects } from "@std/assert";
import { readCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { readTrainingCams, trainingCamsFolder } from "../../../plugins/wsss/cams/training_cams.ts";
import { filesBelow } from "../../folders.ts";
import { camTraining, refusing, runScene, withFolder } from "./scene.ts";

type Settings = Readonly<Record<string, unknown>>;

/** CAMs behind the steps 2, 4, 6 and 8. */
const train = (options: Settings = {}) => ({
  ...camTraining,
  maxSteps: 8,
  checkpointEvery: 1,
  cams: { split: "val[0:8]", images: 3, every: 2, unit: "steps" },
  ...options,
});

/** Every file of the training, by its path; checkpoints, or CAMs, or all. */
async function filesOf(folder: string, below = ""): Promise<Readonly<Record<string, string>>> {
  const { files } = JSON.parse(await Deno.readTextFile(`${folder}/cam/stage.json`));
  return Object.fromEntries(
    Object.entries<string>(files).filter(([path]) => path.startsWith(below)),
  );
}

Deno.test("a training stores CAMs of the same images as it goes on, keeps the first and the newest, and trains to the same bits", async () => {
  await withFolder(async (folder) => {
    const infer = {
      id: "inferred",
      run: "infer",
      from: "cam",
      split: "val[0:8]",
      scales: [1],
      flip: false,
      save: ["cams"],
    };
    await runScene(folder, [train(), infer]);
    const stage = `${folder}/cam`;
    const { images, steps, split, output, classes } = (await readTrainingCams(stage))!;
    assertEquals([steps, split, output], [[2, 8], "val[0:8]", "cam"]);
    assertEquals(images.map(({ index }) => index), [0, 2, 5]);
    assert(classes.length > 1);
    const wanted = [
      "cams/cams.json",
      ...[2, 6, 8].flatMap((step) =>
        images.map(({ name }) => `cams/step-${step}/${name}.safetensors`)
      ),
    ];
    assertEquals(
      (await filesBelow(stage)).filter((path) => path.startsWith("cams/")),
      wanted.sort(),
    );
    for (const { name } of images) {
      const stored = await readCams(trainingCamsFolder(stage, 8), name);
      assertEquals(stored, await readCams(`${folder}/inferred/cams`, name));
      const before = await readCams(trainingCamsFolder(stage, 2), name);
      assert(
        [...before.cams!.maps].some(([c, map]) => map.join() !== stored.cams!.maps.get(c)!.join()),
      );
    }
    await withFolder(async (without) => {
      await runScene(without, [train({ cams: undefined })]);
      assertEquals(await filesOf(without, "checkpoints/"), await filesOf(folder, "checkpoints/"));
      assertEquals(await readTrainingCams(`${without}/cam`), undefined);
    });
  });
});

Deno.test("a training that was killed leaves the files of one that was not", async () => {
  await withFolder(async (whole) => {
    await runScene(whole, [train()]);
    for (const at of [3, 6]) {
      await withFolder(async (folder) => {
        const step = ({ step }: { readonly step: number }) => {
          if (step === at) throw new Error("killed");
        };
        await assertRejects(
          () => runScene(folder, [train()], { observer: { step } }),
          Error,
          "killed",
        );
        await runScene(folder, [train()]);
        assertEquals(await filesOf(folder), await filesOf(whole));
      });
    }
  });
});

Deno.test("other images from now on do not train again what is trained, and have a first of their own", async () => {
  await withFolder(async (folder) => {
    const step = ({ step }: { readonly step: number }) => {
      if (step === 5) throw new Error("killed");
    };
    await assertRejects(() => runScene(folder, [train()], { observer: { step } }), Error, "killed");
    const steps: number[] = [];
    await runScene(
      folder,
      [train({ cams: { split: "val[0:4]", images: 2, every: 2, unit: "steps" } })],
      { observer: { step: ({ step }) => void steps.push(step) } },
    );
    assertEquals(steps, [5, 6, 7, 8]);
    const { steps: stored, images } = (await readTrainingCams(`${folder}/cam`))!;
    assertEquals([stored, images.map(({ index }) => index)], [[6, 8], [0, 2]]);
  });
});

for (
  const [what, options, message] of [
    [
      "of a network that gives none",
      {
        head: { use: "deeplabv1", channels: 6, dilation: 2, momentum: 0.1 },
        method: "segmentation",
        losses: [{ use: "cross-entropy", mean: "batch" }],
      },
      "cams reads cam_rv or cam, but the outputs of head deeplabv1 are",
    ],
    [
      "of an output that there is not",
      { cams: { split: "val[0:8]", output: "cam_rv" } },
      "cams reads cam_rv, but the outputs of head cam are cam",
    ],
    [
      "that are never due",
      { cams: { split: "val[0:8]", every: 9, unit: "steps" } },
      "cams.every is 9 steps, which is never reached: there are 8 steps, 3 an epoch",
    ],
  ] as const
) {
  Deno.test(`planning refuses CAMs while it trains ${what}`, () =>
    withFolder((folder) => refusing(folder, {})([train(options)], TypeError, message)));
}
