import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Observer, ValidationEvent } from "../../../core/contracts/observer.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { camTraining, refusing, runScene, withFolder } from "./scene.ts";

type Settings = Readonly<Record<string, unknown>>;

/** Scored on images that it does not learn from. */
const train = (options: Settings = {}) => ({
  ...camTraining,
  validate: { split: "val[0:8]", metric: ["multilabel", { use: "miou", alpha: 0.3 }] },
  ...options,
});

function listener() {
  const seen: ValidationEvent[] = [];
  const observer: Observer = { validation: (event) => void seen.push(event) };
  return { seen, observer };
}

async function bestOf(folder: string): Promise<number> {
  return JSON.parse(await Deno.readTextFile(`${folder}/cam/checkpoints/best.json`)).step;
}

Deno.test("a training is validated each epoch, by the metrics that evaluate has, and best is by one of them", async () => {
  await withFolder(async (folder) => {
    const { seen, observer } = listener();
    const stage = train({ best: { by: "map", leave: "best" } });
    const { artifacts } = await runScene(folder, [
      stage,
      {
        id: "val",
        run: "infer",
        from: "cam",
        split: "val[0:8]",
        scales: [1],
        flip: false,
        save: ["scores"],
      },
      { id: "map", run: "evaluate", from: "val", metric: "multilabel" },
    ], { observer });
    assertEquals(seen.map(({ step, epoch, split }) => [step, epoch, split]), [
      [3, 1, "val[0:8]"],
      [6, 2, "val[0:8]"],
      [9, 3, "val[0:8]"],
    ]);
    assertEquals(Object.keys(seen[0]!.scores), ["map", "miou", "alpha"]);
    const maps = seen.map(({ scores }) => scores["map"]!);
    const best = maps.indexOf(Math.max(...maps));
    assertEquals(seen.map(({ isBest }) => isBest).lastIndexOf(true), best);
    assertEquals(await bestOf(folder), 3 * (best + 1));
    const info = artifacts.get("cam")!.info as { readonly weights: string; readonly steps: number };
    assertEquals(info.weights, `checkpoints/best-${3 * (best + 1)}.safetensors`);
    // Later stages get the best, whose number evaluation finds again.
    const { table } = await readResult(`${folder}/map`);
    assert(
      Math.abs(table.summary["map"]! - maps[best]!) < 1e-6,
      JSON.stringify([table.summary, maps]),
    );
  });
});

Deno.test("a training stops after so many validations without a better one, and stays stopped", async () => {
  await withFolder(async (folder) => {
    const { seen, observer } = listener();
    // The threshold is the same each time: only the first is better than nothing.
    const stage = train({
      validate: { split: "val[0:2]", metric: { use: "miou", alpha: 0.3 }, every: 2, unit: "steps" },
      best: { by: "alpha", patience: 2 },
    });
    let checkpoints = 0;
    const phase: Observer["phase"] = ({ name, state }) => {
      // Steps 2, 3 and 6: it is killed when the last has been written.
      if (name === "checkpoint" && state === "end" && ++checkpoints === 3) {
        throw new Error("killed");
      }
    };
    await assertRejects(
      () => runScene(folder, [stage], { observer: { ...observer, phase } }),
      Error,
      "killed",
    );
    assertEquals(seen.map(({ step, isBest }) => [step, isBest]), [[2, true], [4, false], [
      6,
      false,
    ]]);
    assertEquals(await bestOf(folder), 2);
    const again = listener();
    const resumed = await runScene(folder, [stage], { observer: again.observer });
    assertEquals(again.seen, []);
    assertEquals((resumed.artifacts.get("cam")!.info as { readonly steps: number }).steps, 6);
  });
});

Deno.test("a training that was killed between validations judges as one that was not", async () => {
  const settings = { best: { by: "map", patience: 2 }, checkpointEvery: 1 };
  await withFolder(async (whole) => {
    const { seen, observer } = listener();
    await runScene(whole, [train(settings)], { observer });
    await withFolder(async (folder) => {
      const step = ({ step }: { readonly step: number }) => {
        if (step === 5) throw new Error("killed");
      };
      await assertRejects(
        () => runScene(folder, [train(settings)], { observer: { step } }),
        Error,
        "killed",
      );
      const resumed = listener();
      await runScene(folder, [train(settings)], { observer: resumed.observer });
      assertEquals(resumed.seen, seen.slice(1));
      assertEquals(await bestOf(folder), await bestOf(whole));
    });
  });
});

Deno.test("a network that segments is validated by its masks", async () => {
  await withFolder(async (folder) => {
    const { seen, observer } = listener();
    const stage = train({
      head: { use: "deeplabv1", channels: 6, dilation: 2, momentum: 0.1 },
      method: "segmentation",
      losses: [{ use: "cross-entropy", mean: "batch" }],
      validate: { split: "val[0:3]", metric: { use: "miou", predictions: "masks" }, every: 3 },
      best: { by: "miou", leave: "best" },
    });
    const { artifacts } = await runScene(folder, [
      stage,
      {
        id: "masks",
        run: "segment",
        from: "cam",
        split: "val[0:3]",
        scales: [1],
        flip: false,
        refinements: [],
      },
      {
        id: "miou",
        run: "evaluate",
        from: "masks",
        metric: { use: "miou", predictions: "masks" },
      },
    ], { observer });
    assertEquals(artifacts.size, 3);
    const { table } = await readResult(`${folder}/miou`);
    assertEquals(seen.map(({ scores }) => scores["miou"]), [table.summary["miou"]]);
  });
});

for (
  const [what, options, message] of [
    [
      "a best by what no validation gives",
      { validate: undefined, best: { by: "map" } },
      "best.by is map, but nothing is validated",
    ],
    [
      "a best by a number that the metrics lack",
      { best: { by: "mapp" } },
      "best.by is mapp; valid: loss, map, miou, alpha",
    ],
    [
      "a validation that is never reached",
      { validate: { split: "val[0:8]", metric: "multilabel", every: 4 } },
      "validate.every is 4 epochs, which is never reached: there are 9 steps, 3 an epoch",
    ],
    [
      "a metric of masks of a network that gives CAMs",
      { validate: { split: "val[0:8]", metric: { use: "miou", predictions: "masks" } } },
      "validate.metric reads mask, but the outputs of head cam are cam",
    ],
    [
      "a threshold of another stage",
      { validate: { split: "val[0:8]", metric: { use: "miou", alpha: { from: "other" } } } },
      "takes the threshold of stage other",
    ],
    ["higher losses as better", { best: { lowest: false } }, "best.lowest is false"],
  ] as const
) {
  Deno.test(`planning refuses ${what}`, () =>
    withFolder((folder) => refusing(folder, {})([train(options)], TypeError, message)));
}
