import type { Amount, Work, WorkKind } from "../../core/contracts/work.ts";

/** Every kind of kernel. */
export const WORK_KINDS: readonly WorkKind[] = [
  "convolution",
  "filter gradient",
  "depthwise",
  "depthwise filter gradient",
  "matrix product",
  "memory",
];

/**
 * Adds up works, each times a factor.
 *
 * @param parts works and how often each is done
 * @returns their sum
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sumWork } from "seamstress/wsss";
 * const add = { memory: { flops: 0, bytes: 12, calls: 1 } };
 * assertEquals(sumWork([[add, 2], [add, 1]]), { memory: { flops: 0, bytes: 36, calls: 3 } });
 * ```
 */
export function sumWork(parts: readonly (readonly [Work, number])[]): Work {
  const sum: Partial<Record<WorkKind, Amount>> = {};
  for (const [work, times] of parts) {
    for (const kind of WORK_KINDS) {
      const amount = work[kind];
      if (amount === undefined) continue;
      const before = sum[kind] ?? { flops: 0, bytes: 0, calls: 0 };
      sum[kind] = {
        flops: before.flops + times * amount.flops,
        bytes: before.bytes + times * amount.bytes,
        calls: before.calls + times * amount.calls,
      };
    }
  }
  return sum;
}

/** How fast a device is, as measured. */
export interface Speed {
  /** Operations per second of each kind that was measured; bytes per second for `memory`. */
  readonly rates: Readonly<Partial<Record<WorkKind, number>>>;
  /** Seconds that every kernel call takes besides. */
  readonly secondsPerCall: number;
}

/**
 * How long work takes at a speed: every kind at its own rate, one after the other.
 *
 * @param work what the device does
 * @param speed that has all of its kinds
 * @returns seconds
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { secondsOf } from "./work.ts";
 * const speed = { rates: { convolution: 1e9, memory: 1e9 }, secondsPerCall: 0 };
 * const work = {
 *   convolution: { flops: 2e9, bytes: 1, calls: 1 },
 *   memory: { flops: 0, bytes: 5e8, calls: 1 },
 * };
 * assertEquals(secondsOf(work, speed), 2.5);
 * ```
 */
export function secondsOf(work: Work, { rates, secondsPerCall }: Speed): number {
  return WORK_KINDS.reduce((sum, kind) => {
    const amount = work[kind];
    if (!amount) return sum;
    const done = kind === "memory" ? amount.bytes : amount.flops;
    return sum + done / (rates[kind] ?? Infinity) + amount.calls * secondsPerCall;
  }, 0);
}
