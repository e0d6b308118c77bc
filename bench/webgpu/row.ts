import type { Case } from "./measure.ts";
import type { Side } from "./sides.ts";

/** One line of the results. */
export interface Row {
  readonly what: string;
  /** Milliseconds by side; processor time where the adapter computes on the CPU. */
  readonly ms: Readonly<Partial<Record<Side | "pytorch", number>>>;
  /** How many times as fast ours is as each other side. */
  readonly ratio: Readonly<Partial<Record<Side, number>>>;
  /** Of our side, or of the only one. */
  readonly gflops?: number;
  readonly gbytes?: number;
}

const digits = (value: number) => Number(value.toPrecision(3));

/**
 * @param work what was computed
 * @param ms milliseconds by side
 * @returns the line that says so
 */
export function rowOf({ name, flop, bytes }: Omit<Case, "sides">, ms: Row["ms"]): Row {
  const [alone] = Object.values(ms), own = ms.ours ?? alone!;
  const others = Object.entries(ms).filter(([side]) => side !== "ours" && ms.ours !== undefined);
  return {
    what: name,
    ms: Object.fromEntries(Object.entries(ms).map(([side, value]) => [side, digits(value)])),
    ratio: Object.fromEntries(others.map(([side, value]) => [side, digits(value / own)])),
    ...flop !== undefined && { gflops: digits(flop / own / 1e6) },
    ...bytes !== undefined && { gbytes: digits(bytes / own / 1e6) },
  };
}
