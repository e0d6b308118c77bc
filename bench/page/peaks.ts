import type { Row } from "../measure/row.ts";

/** Peak throughput of a device, from the rows that measure it. */
export interface Peaks {
  readonly gflops: number;
  readonly gbytes: number;
  /** Both peaks with the names of their rows; empty where not measured. */
  readonly text: string;
}

/**
 * @param rows of bench/results/webgpu_kernels.json
 * @returns the largest of the lines whose names begin with `peak`; TF32 is excluded
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { peaksOf, share } from "./peaks.ts";
 * const row = { ms: {}, ratio: {} };
 * const peaks = peaksOf([
 *   { ...row, what: "peak: matMul", gflops: 10 },
 *   { ...row, what: "peak: PyTorch TF32", gflops: 80 },
 *   { ...row, what: "peak: copy", gbytes: 20 },
 * ]);
 * assertEquals(peaks.text, "10 GFLOP/s (matMul) and 20 GB/s (copy)");
 * assertEquals(share({ ...row, what: "conv", gflops: 7 }, peaks), "70 %");
 * ```
 */
export function peaksOf(rows: readonly Row[]): Peaks {
  const found = rows.filter(({ what }) => what.startsWith("peak: ") && !what.includes("TF32"));
  const most = (of: "gflops" | "gbytes") =>
    found.toSorted((a, b) => (b[of] ?? 0) - (a[of] ?? 0))[0];
  const [arithmetic, memory] = [most("gflops"), most("gbytes")];
  const name = (row: Row | undefined) => row?.what.replace("peak: ", "");
  return {
    gflops: arithmetic?.gflops ?? NaN,
    gbytes: memory?.gbytes ?? NaN,
    text: arithmetic && memory
      ? `${arithmetic.gflops} GFLOP/s (${name(arithmetic)}) and ${memory.gbytes} GB/s (${
        name(memory)
      })`
      : "",
  };
}

/**
 * @param row of a kernel
 * @param peaks of its device
 * @returns the fraction of the peak that it reaches; undefined for a peak itself
 */
export function share(row: Row, peaks: Peaks): string | undefined {
  if (row.what.startsWith("peak: ")) return undefined;
  const part = row.gflops !== undefined
    ? row.gflops / peaks.gflops
    : row.gbytes !== undefined
    ? row.gbytes / peaks.gbytes
    : NaN;
  return Number.isFinite(part) ? `${Math.round(100 * part)} %` : undefined;
}
