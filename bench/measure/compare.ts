import { type Clock, systemClock } from "./clock.ts";
import { counted, enoughRepeats, type Length, type Measured, sample, type Work } from "./sample.ts";

/** How implementations are compared. */
export interface CompareOptions extends Length {
  /** Measurements of each. */
  readonly rounds: number;
  readonly measured: Measured;
  /** Rounds before them that do not count: the first compiles, the last tells how many repeats the others take; 2 where left out. */
  readonly warmUps?: number;
  /** The machine's where left out. */
  readonly clock?: Clock;
}

/** What one implementation took. */
export interface Times {
  /** Milliseconds of one computation, a number a round: by the clock, and of the processor. */
  readonly wall: readonly number[];
  readonly processor: readonly number[];
  /** What counts of both. */
  readonly counted: readonly number[];
}

/** How many times as fast one implementation is as another. */
export interface Ratio {
  /** Of the least times: other programs only ever add to them. */
  readonly ratio: number;
  /** The least and the largest of a single round: how far it can be trusted. */
  readonly spread: readonly [number, number];
}

/**
 * Measures implementations in turns, so that what else the machine does meets them alike.
 *
 * @param implementations by name
 * @param options how
 * @returns what each took, under the same names
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { compare, ratioOf } from "./compare.ts";
 * const sum = (terms: number) => () => Array.from({ length: terms }, (_, i) => i).reduce((a, b) => a + b);
 * const implementations = { short: { run: sum(1e3) }, long: { run: sum(1e5) } };
 * const times = await compare(implementations, { rounds: 3, measured: "processor time" });
 * assert(ratioOf(times.short, times.long).ratio > 2);
 * ```
 */
export async function compare<N extends string>(
  implementations: Readonly<Partial<Record<N, Work>>>,
  { rounds, measured, warmUps = 2, clock = systemClock, ...length }: CompareOptions,
): Promise<Record<N, Times>> {
  const all = (Object.entries(implementations) as [N, Work][]).map(([name, work]) => ({
    ...{ name, work, repeats: 1 },
    samples: [] as { wall: number; processor: number }[],
  }));
  for (let round = -warmUps; round < rounds; round++) {
    for (const one of all) {
      const taken = await sample(one.work, one.repeats, clock);
      if (round >= 0) one.samples.push(taken);
      if (round === -1) {
        one.repeats = await enoughRepeats(one.work, taken, measured, length, clock);
      }
    }
  }
  return Object.fromEntries(
    all.map(({ name, samples }): [string, Times] => [name, {
      wall: samples.map(({ wall }) => wall),
      processor: samples.map(({ processor }) => processor),
      counted: samples.map((one) => counted(one, measured)),
    }]),
  ) as Record<N, Times>;
}

/** @returns the least: other programs only ever add to it */
export function least(values: readonly number[]): number {
  return Math.min(...values);
}

/** @returns the middle of the sorted values, of an even number the upper one */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/**
 * @param own times of what is judged
 * @param other times of what it is judged against, of as many rounds
 * @returns above 1 where the first is faster
 */
export function ratioOf(own: Times, other: Times): Ratio {
  const single = own.counted.map((value, round) => other.counted[round]! / value);
  return {
    ratio: least(other.counted) / least(own.counted),
    spread: [Math.min(...single), Math.max(...single)],
  };
}
