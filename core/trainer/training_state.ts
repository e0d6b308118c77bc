import type { Params } from "../contracts/params.ts";
import type { Gather, MicroStanding, TrainingPart } from "../contracts/training_part.ts";
import { Rng } from "../rng.ts";
import type { WeightedLoss } from "./gradients.ts";

/** Parameters and buffers that method and losses keep across steps, on the backend. */
export interface TrainingState {
  /** Those of the network and these: what the optimizer sees, and gradients are taken of. */
  readonly trained: Params;
  /** These alone, by their whole names: `method/NAME`, `losses/LOSS/NAME`. */
  readonly kept: Params;
  /** Those of a part, `method` or `losses/LOSS`, by the names that it gave them. */
  of(part: string): Params;
  /** Computes a part of a step; throws where a method or a loss assigns to its state meanwhile. */
  reading<T>(compute: () => T): T;
}

/** The state of parts that keep none. */
const NONE: Params = {
  specs: [],
  get: nameless,
  spec: nameless,
  trainable: () => [],
  load() {},
  toStateDict: () => Promise.resolve(new Map()),
  dispose() {},
};
function nameless(name: string): never {
  throw new RangeError(`Cannot find state "${name}": the method or loss lists no params`);
}

const UNHEARD: Gather = { sum() {}, rows() {} };

/** The first step of one, without state; for methods and losses outside of a training. */
export const FIRST_STEP: MicroStanding = {
  step: 0,
  totalSteps: 1,
  rng: Rng.of(0),
  params: NONE,
  firstRow: 0,
  gather: UNHEARD,
};

/** The name of a loss's state and of what it gathers. */
export function lossPart(name: string): string {
  return `losses/${name}`;
}

/** The state of a part. */
export function paramsOf(state: TrainingState | undefined, part: string): Params {
  return state?.of(part) ?? NONE;
}

/** The method and the losses that have a hook, with their names. */
export function trainingParts(
  method: TrainingPart,
  losses: readonly WeightedLoss[],
): readonly { readonly part: string; readonly plugin: TrainingPart }[] {
  return [
    { part: "method", plugin: method },
    ...losses.map(({ name, loss }) => ({ part: lossPart(name), plugin: loss })),
  ];
}
