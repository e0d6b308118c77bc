import type { Forecast, StageForecast } from "./dry_run.ts";
import { formatDuration } from "../command_line/duration.ts";
import { type Decision, willRun } from "../../core/run/stages/decide.ts";
import type { WorkKind } from "../../core/contracts/work.ts";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/**
 * Formats a number of bytes, such as `1.5 GB`.
 *
 * @param bytes >= 0
 * @returns such as `912 B`, `3.1 MB` or `1.4 GB`; powers of 1000
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatBytes } from "seamstress";
 * assertEquals([912, 3_148_000, 1_400_000_000].map(formatBytes), ["912 B", "3.1 MB", "1.4 GB"]);
 * ```
 */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}

function formatCount(count: number): string {
  if (count < 1e4) return String(count);
  return count < 1e6 ? `${(count / 1e3).toFixed(1)}k` : `${(count / 1e6).toFixed(1)}M`;
}

function actionText(decision: Decision): string {
  switch (decision.action) {
    case "skip":
      return "skip: done";
    case "run":
      return "run";
    case "continue":
      return "continue";
    case "redo":
      return `again: ${decision.why === "asked" ? "asked for" : decision.why}`;
    case "leave":
      return `left out: ${decision.by}`;
  }
}

const NONE = "–";
const or = <T>(value: T | undefined, write: (value: T) => string) =>
  value === undefined ? NONE : write(value);

const COLUMNS: readonly (readonly [string, (stage: StageForecast) => string])[] = [
  ["stage", ({ id }) => id],
  ["runs", ({ run }) => run],
  [
    "reads",
    ({ from, estimate: { reads } }) => [...from, ...reads ? [reads] : []].join(", ") || NONE,
  ],
  ["would", ({ decision }) => actionText(decision)],
  ["images", ({ estimate }) => or(estimate.images, formatCount)],
  ["steps", ({ estimate }) => or(estimate.steps, formatCount)],
  ["parameters", ({ estimate }) => or(estimate.parameters, formatCount)],
  ["writes", ({ estimate }) => or(estimate.writeBytes, formatBytes)],
  ["tensors", ({ estimate }) => or(estimate.peakBytes, formatBytes)],
  ["time", ({ seconds }) => or(seconds, (s) => `~${formatDuration(s)}`)],
];

/** Columns of text; of names left-aligned, of numbers right-aligned. */
const LEFT = 4;

function table(stages: readonly StageForecast[]): string[] {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...stages.map((stage) => COLUMNS.map(([, write]) => write(stage))),
  ];
  const widths = COLUMNS.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    row.map((cell, c) => c < LEFT ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))
      .join("  ").trimEnd()
  );
}

function totals({ stages, machineBytes }: Forecast): string {
  const will = stages.filter(({ decision }) => willRun(decision));
  const timed = will.flatMap(({ seconds }) => seconds ?? []);
  const written = will.flatMap(({ estimate }) => estimate.writeBytes ?? []);
  const peaks = will.flatMap(({ estimate }) => estimate.peakBytes ?? []);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const parts = [`${will.length} of ${stages.length} stages would run`];
  if (timed.length > 0) parts.push(`~${formatDuration(sum(timed))} for ${timed.length} of them`);
  if (written.length > 0) parts.push(`${formatBytes(sum(written))} written`);
  if (peaks.length > 0) {
    const of = machineBytes === undefined ? "" : `, this machine has ${formatBytes(machineBytes)}`;
    parts.push(`at most ${formatBytes(Math.max(...peaks))} of tensors at once${of}`);
  }
  return parts.join("; ");
}

function speedText(kind: WorkKind, rate: number): string {
  return kind === "memory"
    ? `memory ${(rate / 1e9).toFixed(1)} GB/s`
    : `${kind} ${(rate / 1e9).toFixed(1)} GFLOP/s`;
}

/** Explains what is estimated, and how. */
function legend({ stages, speed, like }: Forecast): string[] {
  const lines: string[] = [];
  const has = (key: "peakBytes" | "writeBytes") =>
    stages.some(({ estimate }) => estimate[key] !== undefined);
  if (has("peakBytes")) {
    lines.push(
      "tensors: peak of the buffers that tensors use, parameters included, from the real network traced without",
      "  computing; the backend holds more: its scratch memory and buffers that it keeps for reuse",
    );
  }
  if (stages.some(({ timed }) => timed === "speed")) {
    const rates = Object.entries(speed!.rates)
      .map(([kind, rate]) => speedText(kind as WorkKind, rate!));
    lines.push(
      "time: the traced kernels' arithmetic and bytes at this machine's speed, measured just now; right within a factor",
      "  of about two on an idle machine; reading images and writing files are not counted",
      `  ${rates.join(", ")}, ${(speed!.secondsPerCall * 1e6).toFixed(0)} µs a kernel call`,
    );
  }
  if (like !== undefined) {
    const logged = stages.filter(({ timed }) => timed === "log").map(({ id }) => id);
    lines.push(
      logged.length > 0
        ? `time of ${logged.join(", ")}: from the log of ${like}`
        : `${like} timed no stage of these`,
    );
  }
  if (has("writeBytes")) lines.push("writes: checkpoints, CAMs, masks; tables and logs are small");
  const notes = Map.groupBy(
    stages.flatMap(({ id, estimate }) => (estimate.notes ?? []).map((note) => ({ id, note }))),
    ({ note }) => note,
  );
  for (const [note, of] of notes) lines.push(`${of.map(({ id }) => id).join(", ")}: ${note}`);
  lines.push(`${NONE}: the stage does not say`);
  return lines;
}

/**
 * Writes a forecast as a table, with what is estimated and how.
 *
 * @param forecast a run that was planned
 * @returns lines of text
 */
export function formatForecast(forecast: Forecast): string {
  const { name, folder, backend, device, stages } = forecast;
  return [
    `${name} on ${backend} (${device}) into ${folder}; nothing was written`,
    "",
    ...table(stages),
    "",
    totals(forecast),
    "",
    ...legend(forecast),
  ].join("\n");
}
