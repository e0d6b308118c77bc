import { type Observer, userError } from "seamstress";
import { type Judge, lowestLoss, type TrainingOptions as Options } from "seamstress/wsss";
import type { Validation } from "./validate.ts";

/** What verdicts remember, besides those of the loss; plain JSON. */
interface Remembered {
  /** State of the verdict on the loss. */
  readonly loss?: unknown;
  /** The best number of a validation so far. */
  readonly best?: number;
  /** Epochs, or validations, since the best. */
  readonly waited: number;
}

/**
 * Judges a training by its loss or its validation.
 *
 * @param id the stage
 * @param settings `best` of the training
 * @param validation where it is validated
 * @param observers told of validations
 * @returns what is best, and when to stop
 * @throws {TypeError} where a validation has no number `best.by`
 */
export function makeJudge(
  id: string,
  { by, lowest = by === "loss", patience = Infinity }: Options["best"],
  validation: Validation | undefined,
  observers: Pick<Required<Observer>, "validation">,
): Judge {
  return async (at, before) => {
    const past = (before ?? { waited: 0 }) as Remembered;
    const { step, epoch, losses } = at;
    const scores = validation?.isDue(step, losses !== undefined, epoch)
      ? await validation.score()
      : undefined;
    const judgesLoss = by === "loss";
    const loss = await lowestLoss(at, past.loss);
    let isBest = judgesLoss && loss.isBest, best = past.best;
    let judged = judgesLoss && losses !== undefined;
    if (by !== "loss" && scores !== undefined) {
      const value = Object.hasOwn(scores, by) ? scores[by]! : undefined;
      if (value === undefined) {
        throw userError(
          new TypeError(
            `Cannot judge training ${id} by ${by}: validation gives ${
              Object.keys(scores).join(", ")
            }`,
          ),
        );
      }
      judged = true;
      isBest = Number.isFinite(value) &&
        (best === undefined || (lowest ? value < best : value > best));
      if (isBest) best = value;
    }
    const waited = isBest ? 0 : past.waited + Number(judged);
    if (scores !== undefined) {
      await observers.validation({
        stage: id,
        step,
        epoch,
        split: validation!.split,
        scores,
        isBest,
      });
    }
    const state: Remembered = {
      waited,
      ...loss.state !== undefined && { loss: loss.state },
      ...best !== undefined && { best },
    };
    return { state, isBest, stops: judged && waited >= patience };
  };
}
