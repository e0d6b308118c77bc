/** Kinds of kernel whose speed differs: all but `memory` are bound by arithmetic, `memory` by bytes that are read and written. */
export const WORK_KINDS = [
  "convolution",
  "filter gradient",
  "depthwise",
  "depthwise filter gradient",
  "matrix product",
  "memory",
] as const;

/** One of {@linkcode WORK_KINDS}. */
export type WorkKind = typeof WORK_KINDS[number];

/** What kernels of one kind do. */
export interface Amount {
  /** Multiplications and additions, each counted; 0 for `memory`. */
  readonly flops: number;
  /** Read and written. */
  readonly bytes: number;
  /** Kernel calls. */
  readonly calls: number;
}

/** What a computation asks of the device; a kind that does not occur is absent. */
export type Work = Readonly<Partial<Record<WorkKind, Amount>>>;

/**
 * Adds up works, each times a factor.
 *
 * @param parts works and how often each is done
 * @returns their sum
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sumWork } from "./work.ts";
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
