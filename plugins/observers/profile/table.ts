import type { Peak } from "./peak.ts";
import type { Recording } from "./recording.ts";

/** What all calls of one kernel did. */
export interface KernelRow {
  readonly kernel: string;
  readonly calls: number;
  readonly flops: number;
  readonly bytes: number;
  /** Without that of the kernels that it called; absent where nobody measured it, as the three below are. */
  readonly milliseconds?: number;
  /** Of the steps' time. */
  readonly share?: number;
  readonly gflopsPerSecond?: number;
  readonly gbPerSecond?: number;
  /** Of the peak of arithmetic where the kernel does arithmetic, else of that of memory. */
  readonly ofPeak?: number;
}

/** Kernels of some steps, the one that took longest first. */
export interface KernelTable {
  /** Of the steps together. */
  readonly milliseconds: number;
  /** That no kernel took; absent where nobody measured kernels. */
  readonly outsideMilliseconds?: number;
  readonly rows: readonly KernelRow[];
}

/**
 * Adds up calls by kernel.
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
    // A new shape of the same elements, or work that the CPU took over.
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
