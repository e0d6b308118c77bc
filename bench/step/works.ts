import type { Work } from "../measure/sample.ts";
import type { StepImplementation, StepMachine } from "./implementations.ts";
import type { Problem, StepHow } from "./problem.ts";

/** @returns how a problem's step is taken by an implementation */
export function howOf(one: StepImplementation): StepHow {
  return { recompute: one === "recompute" ? "blocks" : undefined };
}

/**
 * The first step of a problem as what is measured: every time from the start, so that no implementation gets what another has trained.
 *
 * @param one who computes
 * @param machine that it computes on
 * @param problem gives what is computed, when it is wanted
 * @returns a step, which reads its losses
 */
export function stepWork(
  one: StepImplementation,
  { info, use }: StepMachine,
  problem: () => Promise<Problem>,
): Work {
  return {
    async prepare() {
      const { reset } = await problem();
      use(one);
      await reset();
    },
    run: async () => await (await problem()).step(0, howOf(one)),
    settle: () => info.check(),
  };
}
