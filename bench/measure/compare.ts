import { type Clock, systemClock } from "./clock.ts";
import {
  counted,
  enoughRepeats,
  type Length,
  type Measured,
  type Sample,
  sample,
  type TimedWork,
  type Work,
} from "./sample.ts";

/** How implementations are compared. */
export interface CompareOptions extends Length {
  /** Number of measurements per implementation. */
  readonly rounds: number;
  readonly measured: Measured;
  /** Number of warm-up rounds: the first compiles, the last determines the number of repeats; default 2. */
  readonly warmUps?: number;
  /** Default: the operating system's clocks. */
  readonly clock?: Clock;
  /** Told of every measurement; rounds count from 1, warm-up rounds to 0. */
  readonly taken?: (name: string, round: number, sample: Sample) => void;
}

/** Times of one implementation. */
export interface Times {
  /** Milliseconds of one computation, one number per round: wall-clock and CPU time. */
  readonly wall: readonly number[];
  readonly processor: readonly number[];
  /** The one of both that is compared. */
  readonly counted: readonly number[];
}

/** How many times as fast one implementation is as another. */
export interface Ratio {
  /** Ratio of the minimum times, which other programs disturb least. */
  readonly ratio: number;
  /** Minimum and maximum ratio of a single round, which show the measurement's spread. */
  readonly spread: readonly [number, number];
}

/**
 * Measures implementations alternately, so that other load on the machine affects them equally.
 *
 * @param implementations by name
 * @param options how
 * @returns times of each, under the same names
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
  implementations: Readonly<Partial<Record<N, Work | TimedWork>>>,
  { rounds, measured, warmUps = 2, clock = systemClock, taken: told, ...length }: CompareOptions,
): Promise<Record<N, Times>> {
  const all = (Object.entries(implementations) as [N, Work | TimedWork][]).map(([name, work]) => ({
    ...{ name, work, repeats: 1 },
    samples: [] as { wall: number; processor: number }[],
  }));
  for (let round = -warmUps; round < rounds; round++) {
    for (const one of all) {
      const taken = await sample(one.work, one.repeats, clock);
      told?.(one.name, round + 1, taken);
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

/** @returns the minimum, which other programs disturb least */
export function least(values: readonly number[]): number {
  return Math.min(...values);
}

/** @returns the median; the upper middle value for an even number */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/**
 * @param own times of the implementation
 * @param other times of the baseline, with the same number of rounds
 * @returns above 1 where the first is faster
 */
export function ratioOf(own: Times, other: Times): Ratio {
  const single = own.counted.map((value, round) => other.counted[round]! / value);
  return {
    ratio: least(other.counted) / least(own.counted),
    spread: [Math.min(...single), Math.max(...single)],
  };
}
