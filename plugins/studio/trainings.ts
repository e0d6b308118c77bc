import {
  readTrainingCams,
  type TrainingCams,
  trainingCamsFolder,
  USUAL_ALPHA,
} from "seamstress/wsss";
import { readRecipe } from "./read_run.ts";
import type { Source, Split } from "./sources.ts";

/** CAMs that a training stored while it went on. */
export interface Training extends Pick<TrainingCams, "images" | "steps" | "classes" | "output"> {
  /** Id of the training's stage. */
  readonly stage: string;
  /** The images' split; its sources are the steps. */
  readonly split: Split;
}

async function trainingOf(run: string, stage: string): Promise<Training | undefined> {
  const folder = `${run}/stages/${stage}`;
  // One that is broken, or being replaced, is none: the run's other numbers are shown all the same.
  const stored = await readTrainingCams(folder).catch(() => undefined);
  if (!stored) return undefined;
  const { split, dataset, base, images, steps, classes, output } = stored;
  const sources = steps.map((step): Source => ({
    stage: `step ${step}`,
    kind: "cams",
    label: output,
    split,
    alpha: USUAL_ALPHA,
    folder: trainingCamsFolder(folder, step),
    finished: true,
  }));
  return { stage, images, steps, classes, output, split: { split, dataset, base, sources } };
}

/**
 * Finds which CAMs the trainings of a run stored while they went on.
 *
 * @param folder of the run
 * @returns those of each training that stored some, in the recipe's order; none of a damaged run
 */
export async function findTrainings(folder: string): Promise<readonly Training[]> {
  // The recipe alone: every picture of a training looks here first, and reading the whole run takes twenty times as long.
  const { recipe } = await readRecipe(folder).catch(() => ({ recipe: undefined }));
  const stages = recipe?.stages.filter(({ run }) => run === "train") ?? [];
  const found = await Promise.all(stages.map(({ id }) => trainingOf(folder, id)));
  return found.filter((training) => training !== undefined);
}
