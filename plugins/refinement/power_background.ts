import * as z from "zod";
import {
  definePlugin,
  type Refinement,
  type Scores,
  type StageContext,
  type StagePlan,
  userError,
} from "seamstress";
import { ARTIFACTS, checkGivesThreshold, readResult } from "seamstress/wsss";
import { powerBackground, powerOfAlpha } from "./background.ts";

/** The authors' power of the "low alpha" CRF. */
const LOW = 4;

/** A background whose power follows from the alpha that an earlier evaluation chose. */
class FollowingBackground implements Refinement {
  readonly addsBackground = true;
  readonly from: readonly string[];
  readonly #stage: string;
  #power: number | undefined;

  constructor(stage: string) {
    this.from = [stage];
    this.#stage = stage;
  }

  check(plan: StagePlan): Promise<void> {
    return checkGivesThreshold(plan, this.#stage, "its power-background");
  }

  async open({ id, artifact }: StageContext): Promise<void> {
    const { table } = await readResult(artifact(this.#stage, ARTIFACTS.table).folder);
    const alpha = table.threshold?.value;
    if (alpha === undefined || !(alpha > 0 && alpha < 1)) {
      throw userError(
        new RangeError(
          `Cannot run stage ${id}: its power-background follows the alpha of stage "${this.#stage}", which is ${
            alpha ?? "none"
          }; it must be above 0 and below 1`,
        ),
      );
    }
    this.#power = powerOfAlpha(alpha);
  }

  refine(scores: Scores): Promise<Scores> {
    if (this.#power === undefined) throw new Error("Cannot add a background: no alpha was read");
    return Promise.resolve(powerBackground(scores, this.#power));
  }
}

/** Prepends the background score (1 - max score)^power to foreground scores: the input of dense CRF and random walk. */
export const powerBackgroundRefinement = definePlugin({
  kind: "refinement",
  name: "power-background",
  summary: "background of score (1 - max)^power before the foreground's scores",
  options: z.strictObject({
    power: z.number().positive().optional().describe(
      "SEAM's alpha: 4 (low) and 24 (high) before the CRF (infer_SEAM.py), 6 before the walk (infer_aff.py; psa's own script has " +
        "16); 4 where neither power nor alpha is given",
    ),
    alpha: z.union([
      z.number().gt(0).lt(1),
      z.strictObject({
        from: z.string().min(1).describe("Earlier evaluation whose alpha is taken"),
      }),
    ]).optional().describe(
      "Instead of power: the CAM at which background and class are equally likely; power is ln(alpha) / ln(1 - alpha), 4.5 for 0.26",
    ),
  }).refine(
    ({ power, alpha }) => power === undefined || alpha === undefined,
    "expected either power or alpha, not both",
  ),
  create({ power, alpha }): Refinement {
    if (typeof alpha === "object") return new FollowingBackground(alpha.from);
    const exponent = alpha === undefined ? power ?? LOW : powerOfAlpha(alpha);
    return {
      addsBackground: true,
      refine: (scores) => Promise.resolve(powerBackground(scores, exponent)),
    };
  },
});
