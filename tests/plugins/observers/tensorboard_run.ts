import { runGroup, TRAINING } from "../groups/setup.ts";

/** Four steps, two parameter groups, CAMs of two images behind every second step, and CAMs of four images afterwards. */
const RECIPE = TRAINING
  .replace("observers: []", "observers: [{ use: tensorboard, images: 3 }]")
  .replace("momentum: 0.9 }", "momentum: 0.9, groups: [{ match: ['f9.*'], lr: 10 }] }")
  .replace(
    "    transforms:",
    `    cams: { split: "val[0:8]", images: 2, every: 2, unit: steps }\n    transforms:`,
  ) +
  `  - { id: maps, run: infer, from: seam, split: "val[0:4]", scales: [1], flip: false }\n`;

/** What the event files of that run have to hold: tags of images, and the steps of each. */
export const IMAGES: Readonly<Record<string, readonly number[]>> = {
  "seam/cams/mini_0600": [2, 4],
  "seam/cams/mini_0604": [2, 4],
  "maps/cams/mini_0600": [0],
  "maps/cams/mini_0601": [0],
  "maps/cams/mini_0602": [0],
};

/** Tags of the learning rates. */
export const RATES: readonly string[] = ["seam/rates/f9.*", "seam/rates/all others"];

/** Runs it. @returns the folder of its event files */
export async function runWithTensorBoard(folder: string): Promise<string> {
  await runGroup(`${folder}/run`, { recipe: RECIPE });
  return `${folder}/run/tensorboard`;
}
