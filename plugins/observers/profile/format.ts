import type { Peak } from "./peak.ts";
import type { Clock } from "./recording.ts";
import type { KernelTable } from "./table.ts";

/** A profile of one stage. */
export interface StageProfile {
  readonly stage: string;
  readonly backend: string;
  readonly device: string;
  readonly clock: Clock;
  /** Each step's name and milliseconds. */
  readonly steps: readonly { readonly name: string; readonly milliseconds: number }[];
  readonly peak: Peak;
  readonly table: KernelTable;
}

const CLOCKS: Readonly<Record<Clock, string>> = {
  program: "Times are the kernels' own, without those of the kernels that they call.",
  device: "Times are the device's, by its timestamps, each program in a pass of its own.",
  none: "This device has no timestamps: kernels are counted, not timed.",
};

const fixed = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? "";
const percent = (value: number | undefined) =>
  value === undefined ? "" : `${(100 * value).toFixed(1)} %`;

/**
 * Formats a profile as readable text.
 *
 * @param profile of a stage
 * @returns Markdown: a heading, what was measured, a table
 */
export function formatProfile(profile: StageProfile): string {
  const { stage, backend, device, clock, steps, peak, table } = profile;
  const count = steps.length;
  const heading = [
    `# Kernels of ${stage}`,
    "",
    `${backend}: ${device}. ${steps[0]?.name}${count > 1 ? ` to ${steps.at(-1)?.name}` : ""}: ${
      fixed(table.milliseconds, 1)
    } ms, ${fixed(table.milliseconds / count, 1)} ms each.`,
    `Measured peak: ${fixed(peak.flops / 1e9, 1)} GFLOP/s (matrix product), ${
      fixed(peak.bytes / 1e9, 1)
    } GB/s (read and write, 64 MiB at most).`,
    CLOCKS[clock],
    "Bytes are inputs and outputs, each once; a kernel whose data a cache holds may pass the peak.",
    "",
  ];
  const cells = [
    ["kernel", "calls", "ms", "share", "GFLOP/s", "GB/s", "of peak", "GFLOP", "MB"],
    ["---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:"],
    ...table.rows.map((row) => [
      row.kernel,
      String(row.calls),
      fixed(row.milliseconds, 2),
      percent(row.share),
      fixed(row.gflopsPerSecond, 2),
      fixed(row.gbPerSecond, 2),
      percent(row.ofPeak),
      row.flops > 0 ? fixed(row.flops / 1e9, 3) : "",
      fixed(row.bytes / 1e6, 2),
    ]),
  ];
  if (table.outsideMilliseconds !== undefined) {
    const share = table.outsideMilliseconds / table.milliseconds;
    cells.push(
      ["(no kernel)", "", fixed(table.outsideMilliseconds, 2), percent(share), "", "", "", "", ""],
    );
  }
  const lines = cells.map((row) => `| ${row.join(" | ")} |`);
  return [...heading, ...lines, ""].join("\n");
}
