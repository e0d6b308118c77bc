/** Where a training stands behind a step. */
export interface Judged {
  /** From 1. */
  readonly step: number;
  /** From 1. */
  readonly epoch: number;
  /** Mean losses of the epoch that ends with the step, where one does; `loss` is the weighted total. */
  readonly losses?: Readonly<Record<string, number>>;
}

/** What is thought of a training behind a step; the same on every rank. */
export interface Verdict {
  /** What the next verdict is compared with; plain JSON, kept in checkpoints. */
  readonly state: unknown;
  /** Whether these weights are the best so far. */
  readonly isBest: boolean;
  /** Whether to end the training here. */
  readonly stops: boolean;
}

/** Decides after each step what is best and whether to go on. Every rank calls it. @param before the last verdict's state */
export type Judge = (at: Judged, before: unknown) => Verdict | Promise<Verdict>;

/** The epoch of the lowest mean total loss is the best; a loss that has started since resets the comparison. */
export const lowestLoss: Judge = ({ losses }, before) => {
  const best = before as Judged["losses"] | undefined;
  const comparable = losses !== undefined && best !== undefined &&
    Object.keys(best).join() === Object.keys(losses).join();
  const isBest = losses !== undefined && (!comparable || losses["loss"]! < best["loss"]!);
  return { state: isBest ? losses : before, isBest, stops: false };
};
