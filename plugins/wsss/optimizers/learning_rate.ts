import type { Schedule } from "../../../core/contracts/schedule.ts";
import type { Link } from "./chain.ts";

/**
 * The learning rate of all parameters, before the factors of their groups.
 *
 * @param lr > 0
 * @param schedule its factor at each step
 * @param totalSteps of the whole training
 * @returns a link
 */
export function learningRate(lr: number, schedule: Schedule, totalSteps: number): Link {
  return { rate: (step) => lr * schedule.factor(step, totalSteps) };
}
