import * as z from "zod";
import {
  definePlugin,
  type Refinement,
  type Scores,
  type StageContext,
  type StagePlan,
} from "seamstress";
import { type Choice, type ChosenRefinement, orChosen } from "seamstress/wsss";
import { powerBackground, powerOfAlpha } from "./background.ts";
import { chosenPower, powerByAlpha, type PowerSource } from "./power_source.ts";

/** The authors' power of the "low alpha" CRF. */
const LOW = 4;

/** A background whose power, or the alpha that it follows from, an earlier stage chose. */
class FollowingBackground implements ChosenRefinement {
  readonly addsBackground = true;
  readonly from: readonly string[];
  readonly #follow: PowerSource;
  #power: number | undefined;

  constructor(follow: PowerSource) {
    this.from = follow.from;
    this.#follow = follow;
  }

  get choices(): readonly Choice[] {
    return this.#follow.choices();
  }

  check(plan: StagePlan): Promise<void> {
    return this.#follow.check(plan);
  }

  async open(context: StageContext): Promise<void> {
    this.#power = await this.#follow.read(context);
  }

  refine(scores: Scores): Promise<Scores> {
    if (this.#power === undefined) throw new Error("Cannot add a background: no power was read");
    return Promise.resolve(powerBackground(scores, this.#power));
  }
}

/** Prepends the background score (1 - max score)^power to foreground scores: the input of dense CRF and random walk. */
export const powerBackgroundRefinement = definePlugin({
  kind: "refinement",
  name: "power-background",
  summary: "background of score (1 - max)^power before the foreground's scores",
  options: z.strictObject({
    power: orChosen(z.number().positive()).optional().describe(
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
    if (typeof alpha === "object") return new FollowingBackground(powerByAlpha(alpha.from));
    if (typeof power === "object") return new FollowingBackground(chosenPower(power));
    const exponent = alpha === undefined ? power ?? LOW : powerOfAlpha(alpha);
    return {
      addsBackground: true,
      refine: (scores) => Promise.resolve(powerBackground(scores, exponent)),
    };
  },
});
