import { digits } from "../measure/digits.ts";
import { table, wrap } from "./markdown.ts";
import type { Results } from "./results.ts";

/** Kernels that are listed. */
const LISTED = 20;

const percent = (part: number | undefined) =>
  part === undefined ? undefined : `${digits(100 * part)} %`;

/** @returns where the time of a whole step goes */
export function profiled({ profile }: Results): string | undefined {
  if (profile === undefined) return undefined;
  const { what, clock, madeWith, peak, shapes } = profile;
  const { milliseconds, outsideMilliseconds, rows } = profile.table;
  const times = clock === "none"
    ? "This device has no timestamps: kernels are counted only."
    : `Kernels took ${digits(milliseconds - outsideMilliseconds!)} ms of it.`;
  const kernels = rows.slice(0, LISTED).map((row) => [
    row.kernel,
    row.calls,
    row.milliseconds && digits(row.milliseconds),
    percent(row.share),
    row.gflopsPerSecond && digits(row.gflopsPerSecond),
    row.gbPerSecond && digits(row.gbPerSecond),
    percent(row.ofPeak),
  ]);
  const head = ["kernel", "calls", "ms", "share", "GFLOP/s", "GB/s", "of peak"];
  return [
    "## Where a step's time goes",
    wrap(
      `${what}, on ${madeWith.device}: ${
        digits(milliseconds)
      } ms with every program in a pass of its own. ${times} The peak is ${
        digits(peak.flops / 1e9)
      } GFLOP/s (tfjs's matrix product) and ${digits(peak.bytes / 1e9)} GB/s.`,
    ),
    table(head, kernels),
    ...shapes.length > 0
      ? [
        "The same by shapes, of kernels that launch one program a call:",
        table(
          ["kernel", "shapes", "calls", "ms", "GFLOP/s"],
          shapes.map((row) => [
            row.kernel,
            row.shapes,
            row.calls,
            digits(row.milliseconds),
            row.gflopsPerSecond && digits(row.gflopsPerSecond),
          ]),
        ),
      ]
      : [],
  ].join("\n\n");
}
