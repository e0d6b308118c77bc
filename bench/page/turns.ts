import type { TurnsRow } from "../measure/turns.ts";
import { list, table, times, wrap } from "./markdown.ts";
import { madeOn } from "./made_on.ts";
import type { Results } from "./results.ts";

/** A row as a table: every implementation beside those that it is compared with. */
function turnsTable(row: TurnsRow): string {
  const references = Object.keys(row.ratio);
  const compared = [...new Set(Object.values(row.apart).flatMap(Object.keys))];
  const lines = Object.entries(row.implementations).map(([name, taken]) => [
    [name, taken.device && `(${taken.device})`].filter((part) => part).join(" "),
    taken.seconds,
    `${taken.spread[0]} to ${taken.spread[1]}`,
    taken.rounds,
    taken.cpuSeconds,
    taken.imagesPerSecond,
    ...references.map((reference) => times(row.ratio[reference]![name])),
    ...compared.map((what) => row.apart[name]?.[what]?.toExponential(1)),
  ]);
  const head = [
    ...["implementation", "s", "least to most", "rounds", "CPU s", "images/s"],
    ...references.map((reference) => `${reference.replace("this project, ", "ours, ")}, is`),
    ...compared.map((what) => `${what} apart`),
  ];
  return [`### ${row.what}`, madeOn(row.madeWith, row.measured), table(head, lines)].join("\n\n");
}

/** @returns the training step of MobileNetV2 on one thread and on all cores */
export function mobilenetSteps({ mobilenetStep }: Results): string | undefined {
  if (mobilenetStep === undefined) return undefined;
  return [
    "## A training step on all cores",
    wrap(
      "SEAM on MobileNetV2 as recipes/voc-animals/seam.yaml has it, output stride 16: forward, backward and update, from the same random weights, images and " +
        "dropout masks, always the first step. This project on wasm: one thread, and `group: workers`, a thread a core. Times are the median of the rounds by the clock, all " +
        "implementations in turns. Nothing is reported unless losses of two steps agree to 1e-4 (the second's to 1e-3) and every parameter's gradient to 1e-2 of its length.",
    ),
    ...mobilenetStep.map(turnsTable),
  ].join("\n\n");
}

/** @returns inference over a folder of images on one thread and on all cores */
export function inferences({ infer }: Results): string | undefined {
  if (infer === undefined) return undefined;
  return [
    "## Inference over a folder",
    wrap(
      "CAMs as stage `infer` of recipes/voc-animals/seam.yaml makes them, MobileNetV2 at output stride 16 with random weights: seconds an image, from its file to the file of its CAMs, the " +
        "median of parts of the images, implementations in turns, a process each. Start-up and the first images are left out on all sides. " +
        "PyTorch reads and resizes by Pillow, runs a scale and its mirror image in one batch without gradients, and saves float32 by `np.save`; this project " +
        "saves float16, compressed. Nothing is reported unless CAMs agree to 1e-3 in the mean and 0.05 at a pixel.",
    ),
    ...infer.map(turnsTable),
    list([
      "What has one thread takes part in the first round alone; factors are of the rounds that both took part in.",
    ]),
  ].join("\n\n");
}
