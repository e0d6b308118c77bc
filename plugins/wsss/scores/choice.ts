import * as z from "zod";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { StageContext, StagePlan } from "../../../core/contracts/stage.ts";
import { userError } from "../../../core/errors.ts";
import { own } from "../../../core/registry/own.ts";
import { ARTIFACTS } from "../stages/artifacts.ts";
import { readResult } from "./result.ts";
import { standingOf } from "./threshold.ts";
import { howChosen } from "./threshold_text.ts";

/** A number that an earlier stage chose by the true masks of some images. */
export interface Choice {
  /** The stage. */
  readonly stage: string;
  /** Split that it chose on. */
  readonly split: string;
  /** What was chosen, such as `power-background.power`. */
  readonly option: string;
  /** The number. */
  readonly value: number;
}

/** In place of a number: the stage `choose` that finds it. */
export interface ChosenBy {
  /** Id of the stage. */
  readonly from: string;
}

/**
 * Schema of an option that is a number or `{ from: STAGE }`, what an earlier stage `choose` found for the option of that name.
 *
 * @param number schema of the number
 * @returns the schema of either
 */
export function orChosen<S extends z.ZodType<number>>(
  number: S,
): z.ZodUnion<readonly [S, z.ZodObject<{ from: z.ZodString }, z.core.$strict>]> {
  return z.union([
    number,
    z.strictObject({
      from: z.string().min(1).describe("Earlier stage choose whose value is taken"),
    }),
  ]);
}

/** Options of a refinement, each of them a number or an earlier stage's choice. */
export class ChosenOptions<N extends string> {
  /** Ids of the stages that choose. */
  readonly from: readonly string[];
  readonly #refinement: string;
  readonly #options: Readonly<Record<N, number | ChosenBy>>;
  #choices: readonly Choice[] = [];

  /**
   * Takes the options as a recipe has them.
   *
   * @param refinement its name
   * @param options by name
   */
  constructor(refinement: string, options: Readonly<Record<N, number | ChosenBy>>) {
    this.#refinement = refinement;
    this.#options = options;
    this.from = [...new Set(this.#chosen().map(({ from }) => from))];
  }

  /** What was chosen; none before `read`. */
  get choices(): readonly Choice[] {
    return this.#choices;
  }

  #chosen(): { readonly name: N; readonly from: string; readonly option: string }[] {
    return (Object.keys(this.#options) as N[]).flatMap((name) => {
      const value = this.#options[name];
      return typeof value === "number"
        ? []
        : [{ name, from: value.from, option: `${this.#refinement}.${name}` }];
    });
  }

  /**
   * Checks, before anything runs, that the stages choose these options.
   *
   * @param plan of the stage that reads them
   * @throws {TypeError} naming an option that is not chosen there
   */
  async check(plan: StagePlan): Promise<void> {
    for (const { from, option } of this.#chosen()) {
      const { facts: { choices = [] } } = await plan.earlier(from, ARTIFACTS.table);
      if (choices.includes(option)) continue;
      const found = choices.length > 0 ? choices.join(", ") : "nothing: it is no stage choose";
      throw userError(
        new TypeError(
          `Cannot plan stage ${plan.id}: it takes ${option} from stage "${from}", which chooses ${found}`,
        ),
      );
    }
  }

  /**
   * Reads what was chosen.
   *
   * @param context of the stage that uses it
   * @returns a number for every option
   * @throws {RangeError} where the table of a stage lacks it
   */
  async read(context: StageContext): Promise<Readonly<Record<N, number>>> {
    const choices: Choice[] = [];
    const values: Record<N, number | ChosenBy> = { ...this.#options };
    for (const { name, from, option } of this.#chosen()) {
      const { folder } = context.artifact(from, ARTIFACTS.table);
      const { table, about: { split } } = await readResult(folder);
      const value = own(table.summary, option);
      if (value === undefined) {
        throw userError(
          new RangeError(
            `Cannot run stage ${context.id}: the table of stage "${from}" has no ${option}`,
          ),
        );
      }
      values[name] = value;
      choices.push({ stage: from, split, option, value });
    }
    this.#choices = choices;
    return values as Record<N, number>;
  }
}

/**
 * Says how the numbers that masks were made with stand to the images that are scored.
 *
 * @param context of the stage that scores
 * @param choices made for the masks
 * @param scored the images
 * @returns such as `power-background.power 3, chosen on train (437 images, stage power)`, one a choice
 */
export function choiceNotes(
  context: StageContext,
  choices: readonly Choice[],
  scored: Dataset,
): Promise<readonly string[]> {
  return Promise.all(choices.map(async ({ stage, split, option, value }) => {
    const standing = await standingOf(context, { stage, split }, scored);
    return `${option} ${value}, ${howChosen({ value, ...standing })}`;
  }));
}
