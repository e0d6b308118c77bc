import { median, type Times } from "./compare.ts";
import { digits } from "./digits.ts";
import type { Named } from "./results.ts";
import { type Measured, RECORDED } from "./sample.ts";

/** An implementation that was measured in turns with others. */
export interface Turn {
  readonly name: string;
  readonly threads: number;
  /** Milliseconds of each round; of those that took part in fewer, the first rounds. */
  readonly times: Pick<Times, "wall" | "processor">;
  /** Where it is not the backend's. */
  readonly device?: string;
}

/** What an implementation took. */
export interface TurnTaken {
  readonly threads: number;
  /** By the clock, the median of the rounds. */
  readonly seconds: number;
  /** The least and the most of the rounds. */
  readonly spread: readonly [number, number];
  /** Of all threads, the median of the rounds. */
  readonly cpuSeconds: number;
  readonly imagesPerSecond: number;
  readonly rounds: number;
  readonly device?: string;
}

/** How far results are apart, by what was compared. */
export type Apart = Readonly<Record<string, number>>;

/** One line of the results of implementations that were measured in turns. */
export interface TurnsRow extends Named {
  readonly measured: Measured;
  readonly implementations: Readonly<Record<string, TurnTaken>>;
  /** How many times as fast some are as others by the clock, by name and name, over the rounds of both. */
  readonly ratio: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How far results are from the first implementation's. */
  readonly apart: Readonly<Record<string, Apart>>;
  readonly madeWith: Readonly<Record<string, unknown>>;
}

/** What a row says besides times. */
export interface TurnsSaid extends Pick<TurnsRow, "what" | "apart" | "madeWith"> {
  /** Images that a measured time is of. */
  readonly images: number;
  /** Those that the others are compared with. */
  readonly references: readonly string[];
}

/**
 * Makes a row.
 *
 * @param turns what was measured
 * @param said what stands beside the times
 * @returns the row
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { turnsRow } from "./turns.ts";
 * const turn = (name: string, wall: number[]) => ({ name, threads: 1, times: { wall, processor: wall } });
 * const turns = [turn("ours", [1000, 3000, 2000]), turn("PyTorch", [4000])];
 * const row = turnsRow(turns, { what: "a step", images: 8, references: ["ours"], apart: {}, madeWith: {} });
 * assertEquals([row.implementations["ours"]?.seconds, row.implementations["ours"]?.imagesPerSecond], [2, 4]);
 * assertEquals(row.ratio, { ours: { PyTorch: 4 } });
 * ```
 */
export function turnsRow(
  turns: readonly Turn[],
  { images, references, ...said }: TurnsSaid,
): TurnsRow {
  const seconds = (values: readonly number[]) => median(values) / 1e3;
  const entries = turns.map(({ name, threads, times: { wall, processor }, device }) => {
    const taken: TurnTaken = {
      threads,
      seconds: digits(seconds(wall)),
      spread: [digits(Math.min(...wall) / 1e3), digits(Math.max(...wall) / 1e3)],
      cpuSeconds: digits(seconds(processor)),
      imagesPerSecond: digits(images / seconds(wall)),
      rounds: wall.length,
      ...device !== undefined && { device },
    };
    return [name, taken] as const;
  });
  const ratios = turns.filter(({ name }) => references.includes(name)).map((own) => {
    const others = turns.filter((other) => other !== own);
    return [own.name, Object.fromEntries(others.map((other) => [other.name, ratio(own, other)]))];
  });
  return {
    ...said,
    measured: RECORDED,
    implementations: Object.fromEntries(entries),
    ratio: Object.fromEntries(ratios),
  };
}

function ratio(own: Turn, other: Turn): number {
  const common = Math.min(own.times.wall.length, other.times.wall.length);
  const of = ({ times: { wall } }: Turn) => median(wall.slice(0, common));
  return digits(of(other) / of(own));
}
