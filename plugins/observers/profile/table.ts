import type { Peak } from "./peak.ts";
import type { Recording } from "./recording.ts";

/** Totals over all calls of one kernel. */
export interface KernelRow {
  readonly kernel: string;
  readonly calls: number;
  readonly flops: number;
  readonly bytes: number;
  /** Milliseconds, excluding kernels that it called; absent where not measured, like the next three. */
  readonly milliseconds?: number;
  /** Fraction of the steps' time. */
  readonly share?: number;
  readonly gflopsPerSecond?: number;
  readonly gbPerSecond?: number;
  /** Fraction of the peak FLOP/s where the kernel does arithmetic, else of the peak memory bandwidth. */
  readonly ofPeak?: number;
}

/** Kernels of some steps, the slowest first. */
export interface KernelTable {
  /** Total of the steps. */
  readonly milliseconds: number;
  /** Time outside of kernels; absent where kernel times were not measured. */
  readonly outsideMilliseconds?: number;
  readonly rows: readonly KernelRow[];
}

/**
 * Sums calls by kernel.
 *
 * @param recording of some steps
 * @param peak of the device
 * @returns the table
 */
export function kernelTable(recording: Recording, peak: Peak): KernelTable {
  const { clock, spans, calls, programs } = recording;
  const milliseconds = spans.filter(({ parent }) => parent === undefined)
    .reduce((sum, { begin, end }) => sum + end - begin, 0);
  const sums = new Map<string, Sum>();
  const sumOf = (kernel: string) => {
    const sum = sums.get(kernel) ?? { calls: 0, flops: 0, bytes: 0, milliseconds: 0 };
    sums.set(kernel, sum);
    return sum;
  };
  for (const { name, flops, bytes, own } of calls) {
    const sum = sumOf(name);
    sum.calls++;
    sum.flops += flops;
    sum.bytes += bytes;
    if (clock === "program") sum.milliseconds += own;
  }
  for (const { name, begin, end } of programs) sumOf(name).milliseconds += end - begin;
  const rows = [...sums].map(([kernel, sum]): KernelRow => {
    const { calls, flops, bytes } = sum;
    const counted = { kernel, calls, flops, bytes };
    if (clock === "none") return counted;
    const seconds = sum.milliseconds / 1000;
    const timed = {
      ...counted,
      milliseconds: sum.milliseconds,
      share: milliseconds > 0 ? sum.milliseconds / milliseconds : 0,
    };
    // A reshape, or work that ran on the CPU.
    if (seconds <= 0) return timed;
    return {
      ...timed,
      ...flops > 0 && { gflopsPerSecond: flops / seconds / 1e9 },
      ...bytes > 0 && {
        gbPerSecond: bytes / seconds / 1e9,
        ofPeak: flops > 0 ? flops / seconds / peak.flops : bytes / seconds / peak.bytes,
      },
    };
  });
  rows.sort((a, b) => (b.milliseconds ?? b.bytes) - (a.milliseconds ?? a.bytes));
  const inKernels = rows.reduce((sum, row) => sum + (row.milliseconds ?? 0), 0);
  return {
    milliseconds,
    ...clock !== "none" && { outsideMilliseconds: milliseconds - inKernels },
    rows,
  };
}

interface Sum {
  calls: number;
  flops: number;
  bytes: number;
  milliseconds: number;
}
