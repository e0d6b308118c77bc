import { type StageContext, type StagePlan, userError } from "seamstress";
import {
  ARTIFACTS,
  checkGivesThreshold,
  type Choice,
  type ChosenBy,
  ChosenOptions,
  readResult,
} from "seamstress/wsss";
import { powerOfAlpha } from "./background.ts";

/** An earlier stage that a background's power comes from. */
export interface PowerSource {
  /** Its id. */
  readonly from: readonly string[];
  /** Fails before anything runs where it will not give what is read. */
  check(plan: StagePlan): Promise<void>;
  /** Reads the power. */
  read(context: StageContext): Promise<number>;
  /** What was chosen, once it is read. */
  choices(): readonly Choice[];
}

/**
 * The power that a stage `choose` found.
 *
 * @param power names the stage
 * @returns its source
 */
export function chosenPower(power: ChosenBy): PowerSource {
  const options = new ChosenOptions("power-background", { power });
  return {
    from: options.from,
    check: (plan) => options.check(plan),
    read: async (context) => (await options.read(context)).power,
    choices: () => options.choices,
  };
}

/**
 * The power that follows from the alpha which an evaluation chose.
 *
 * @param from id of the evaluation
 * @returns its source
 */
export function powerByAlpha(from: string): PowerSource {
  let choices: readonly Choice[] = [];
  return {
    from: [from],
    check: (plan) => checkGivesThreshold(plan, from, "its power-background"),
    async read({ id, artifact }) {
      const { table, about } = await readResult(artifact(from, ARTIFACTS.table).folder);
      const threshold = table.threshold, alpha = threshold?.value;
      if (threshold === undefined || alpha === undefined || !(alpha > 0 && alpha < 1)) {
        throw userError(
          new RangeError(
            `Cannot run stage ${id}: its power-background follows the alpha of stage "${from}", which is ${
              alpha ?? "none"
            }; it must be above 0 and below 1`,
          ),
        );
      }
      const { stage, split } = threshold.on ?? about;
      choices = threshold.how === "fixed" ? [] : [{ stage, split, option: "alpha", value: alpha }];
      return powerOfAlpha(alpha);
    },
    choices: () => choices,
  };
}
