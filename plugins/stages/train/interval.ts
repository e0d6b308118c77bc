/** When something is done while a network trains. */
export interface Interval {
  /** So many epochs or steps lie between one and the next. */
  readonly every: number;
  /** Of `every`. */
  readonly unit: "epochs" | "steps";
}

/**
 * Tells whether something is due after a step.
 *
 * @param step from 1
 * @param endsEpoch whether an epoch ends with it
 * @param epoch from 1
 */
export type IsDue = (step: number, endsEpoch: boolean, epoch: number) => boolean;

/** Steps of an epoch, and of a training. */
export interface Steps {
  readonly ofEpoch: number;
  readonly all: number;
}

/**
 * Tells after which steps something is done.
 *
 * @param interval as an option has it
 * @returns whether it is due after a step
 */
export function isDue({ every, unit }: Interval): IsDue {
  return (step, endsEpoch, epoch) =>
    unit === "steps" ? step % every === 0 : endsEpoch && epoch % every === 0;
}

/**
 * Finds an interval that a training ends before.
 *
 * @param option that it is of, for the message
 * @param interval as the option has it
 * @param steps of the training
 * @returns what is wrong; nothing where the interval is reached
 */
export function neverDue(
  option: string,
  { every, unit }: Interval,
  { ofEpoch, all }: Steps,
): string | undefined {
  if ((unit === "epochs" ? every * ofEpoch : every) <= all) return undefined;
  return `${option}.every is ${every} ${unit}, which is never reached: there are ${all} steps, ${ofEpoch} an epoch`;
}
