import { camFile, readCams } from "../cams/cam_store.ts";
import { readScores, scoreFilesIn } from "./score_store.ts";
import type { StageContext, StagePlan } from "../../../core/contracts/stage.ts";
import { userError } from "../../../core/errors.ts";
import { ARTIFACTS } from "../stages/artifacts.ts";
import type { Choice } from "../scores/choice.ts";
import { type ClassScores, scoresOfMaps } from "./class_scores.ts";

/** What a stage stores of each image besides its mask: scores of every class, background among them. */
export const CLASS_SCORES = "class-scores";

/** Scores that an earlier stage wrote. */
export interface ScoreSource {
  /** Where its files are. */
  readonly folder: string;
  /** The split that they are of. */
  readonly split: string;
  /** Foreground class names. */
  readonly classes: readonly string[];
  /** Images were reduced to this long side before. */
  readonly longSide: number | undefined;
  /** By which refinements they were made. */
  readonly how: readonly string[];
  /** Numbers of these that earlier stages chose by true masks. */
  readonly choices: readonly Choice[];
  /**
   * The file of an image's scores.
   *
   * @param name the image's
   */
  fileOf(name: string): string;
  /**
   * Reads an image's scores.
   *
   * @param name the image's
   */
  read(name: string): Promise<ClassScores>;
}

/**
 * Checks that an earlier stage will write scores.
 *
 * @param plan of the later stage
 * @param from id of the earlier one
 * @param background whether the background must be among them; CAMs lack it
 * @returns whether the background is among them
 * @throws {TypeError} where it leaves none
 */
export async function checkScores(
  plan: StagePlan,
  from: string,
  background: boolean,
): Promise<boolean> {
  const { kind, facts } = background
    ? await plan.earlier(from, ARTIFACTS.masks)
    : await plan.earlier(from, ARTIFACTS.cams, ARTIFACTS.masks);
  const wanted = kind === "cams" ? "cams" : CLASS_SCORES;
  const keeps: readonly string[] = facts.keeps;
  if (!keeps.includes(wanted)) {
    const advice = kind === "masks" && facts.toKeepScores ? `; give it ${facts.toKeepScores}` : "";
    throw userError(
      new TypeError(
        `Cannot plan stage ${plan.id}: it reads ${wanted}, stage "${from}" keeps ${
          keeps.join(", ")
        }${advice}`,
      ),
    );
  }
  return wanted === CLASS_SCORES;
}

/**
 * The authors' normalisation of CAMs leaves less than 0 where a map is lowest, -1 throughout a map of zeros. As probabilities these
 * are 0.
 */
function withoutNegative(scores: ClassScores): ClassScores {
  return { ...scores, data: scores.data.map((score) => Math.max(score, 0)) };
}

/**
 * Finds the scores that an earlier stage wrote.
 *
 * @param context of the later stage
 * @param from id of the earlier one
 * @returns their source: of CAMs without, else with the background
 */
export function scoresOf(context: StageContext, from: string): ScoreSource {
  const artifact = context.artifact(from, ARTIFACTS.cams, ARTIFACTS.masks);
  const { info: { split, classes, longSide } } = artifact;
  const about = { split, classes, longSide: longSide ?? undefined };
  if (artifact.kind === "masks") {
    const { folder: stageFolder, info: { how, choices = [], scores } } = artifact;
    if (scores === undefined) {
      throw userError(
        new TypeError(
          `Cannot run stage ${context.id}: stage "${from}" kept no scores beside its masks`,
        ),
      );
    }
    const folder = `${stageFolder}/${scores}`;
    const fileOf = scoreFilesIn(folder);
    return {
      ...about,
      how: how === undefined ? [] : [how],
      choices,
      folder,
      fileOf,
      read: (name) => readScores(fileOf(name), name, 1 + classes.length),
    };
  }
  const folder = `${artifact.folder}/${artifact.info.cams}`;
  return {
    ...about,
    how: [],
    choices: [],
    folder,
    fileOf: (name) => camFile(folder, name),
    read: async (name) => {
      const { cams } = await readCams(folder, name);
      if (cams) return withoutNegative(scoresOfMaps(cams, 1, name));
      throw userError(
        new TypeError(`Cannot refine ${name}: ${camFile(folder, name)} holds no CAMs`),
      );
    },
  };
}
