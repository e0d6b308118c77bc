import { least, type Ratio, ratioOf, type Times } from "./compare.ts";
import { digits } from "./digits.ts";
import type { Named } from "./results.ts";

/** Arithmetic and memory traffic of one computation. */
export interface Amount {
  readonly flops?: number;
  readonly bytes?: number;
}

/** One row of the results of a comparison. */
export interface Row extends Named {
  /** Milliseconds of wall time, by implementation. */
  readonly ms: Readonly<Record<string, number>>;
  /** The same in processor time, of all threads. */
  readonly cpuMs?: Readonly<Record<string, number>>;
  /** Speed of ours relative to each other implementation; above 1 where ours is faster. */
  readonly ratio: Readonly<Record<string, number>>;
  /** Minimum and maximum of this ratio over the rounds; absent for a single round. */
  readonly spread?: Readonly<Record<string, Ratio["spread"]>>;
  /** GFLOP/s of ours, or of the only implementation. */
  readonly gflops?: number;
  readonly gbytes?: number;
  /** Peak bytes of buffers in use, excluding the inputs. */
  readonly bytes?: Readonly<Record<string, number>>;
  /** Bytes of ours divided by the other's. */
  readonly bytesRatio?: Readonly<Record<string, number>>;
}

/** The implementation that others are compared with. */
const OURS = "ours";

/**
 * Creates a row of the results.
 *
 * @param what names the computation
 * @param amount of it
 * @param times by implementation
 * @param memory bytes by implementation, where that was measured
 * @returns the row
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rowOf } from "./row.ts";
 * const times = (...counted: number[]) => ({ wall: counted, processor: counted, counted });
 * const row = rowOf("conv", { flops: 4e6 }, { tfjs: times(4, 6), ours: times(2, 2) });
 * assertEquals(row.ratio, { tfjs: 2 });
 * assertEquals(row.spread, { tfjs: [2, 3] });
 * assertEquals(row.gflops, 2);
 * ```
 */
export function rowOf(
  what: string,
  { flops, bytes }: Amount,
  times: Readonly<Record<string, Times>>,
  memory?: Readonly<Record<string, number>>,
): Row {
  const own = times[OURS], [alone] = Object.values(times);
  const ms = least((own ?? alone!).counted);
  const others = own === undefined ? [] : Object.entries(times).filter(([name]) => name !== OURS)
    .map(([name, other]) => [name, ratioOf(own, other)] as const);
  const rounds = own?.counted.length ?? 0;
  return {
    what,
    ms: mapped(times, ({ counted }) => digits(least(counted))),
    cpuMs: mapped(times, ({ processor }) => digits(least(processor))),
    ratio: Object.fromEntries(others.map(([name, { ratio }]) => [name, digits(ratio)])),
    ...rounds > 1 && others.length > 0 && {
      spread: Object.fromEntries(
        others.map(([name, { spread: [low, high] }]) => [name, [digits(low), digits(high)]]),
      ),
    },
    ...flops !== undefined && { gflops: digits(flops / ms / 1e6) },
    ...bytes !== undefined && { gbytes: digits(bytes / ms / 1e6) },
    ...memory && {
      bytes: memory,
      bytesRatio: Object.fromEntries(
        Object.entries(memory).filter(([name]) => name !== OURS)
          .map(([name, other]) => [name, digits(memory[OURS]! / other)]),
      ),
    },
  };
}

function mapped<T>(values: Readonly<Record<string, T>>, change: (value: T) => number) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
